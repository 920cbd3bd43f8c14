import { useQuery } from '@tanstack/react-query'
import { RefreshCcwDot } from 'lucide-react'
import { policies } from '../api/native'
import { Ago, Badge, Empty, Failure, Loading, Page } from '../design'
import { useTitle } from '../lib/hooks'
import { Link, to } from '../lib/router'

export default function PoliciesPage() {
  useTitle('Policies')
  const list = useQuery(policies())
  return (
    <Page title="Policies">
      <div className="card">
        {list.error ? <Failure error={list.error} retry={list.refetch} /> : !list.data ? <Loading /> : list.data.length === 0 ? (
          <Empty icon={<RefreshCcwDot size={19} />} title="No policies yet" command="mlops policy apply policy.yaml">A policy says when a model retrains, with what, and what a challenger must show.</Empty>
        ) : (
          <div className="flush">
            <table className="table">
              <thead><tr><th>Model</th><th>State</th><th>Revision</th><th>Runs in the last day</th><th>Last run ended</th><th>Waiting</th></tr></thead>
              <tbody>
                {list.data.map((p) => (
                  <tr key={p.model}>
                    <td><Link className="strong" to={to('policies', p.model)}>{p.model}</Link></td>
                    <td>{p.paused ? <Badge tone="warn">Paused</Badge> : p.active ? <Badge tone="info">Training</Badge> : <Badge tone="good">Active</Badge>}</td>
                    <td className="num">{p.revision}</td>
                    <td className="num">{p.starts.length}</td>
                    <td className="soft"><Ago time={p.ended_at} /></td>
                    <td className="num">{p.pending.length || ''}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </Page>
  )
}

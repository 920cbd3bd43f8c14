import { useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Database, Search } from 'lucide-react'
import { datasets } from '../api/native'
import { Ago, Empty, Failure, Loading, Page } from '../design'
import { useTitle } from '../lib/hooks'
import { Link, to, useQuery as useUrl } from '../lib/router'

export default function DatasetsPage() {
  useTitle('Data')
  const [text, setText] = useUrl('q')
  const list = useQuery(datasets())
  const shown = useMemo(() => (list.data ?? []).filter((d) => d.name.toLowerCase().includes(text.toLowerCase())), [list.data, text])
  return (
    <Page title="Data">
      <div className="stack">
        <div className="searchbox"><Search size={14} aria-hidden /><input data-search value={text} onChange={(e) => setText(e.target.value)} placeholder="Find a dataset" aria-label="Find a dataset" /></div>
        <div className="card">
          {list.error ? <Failure error={list.error} retry={list.refetch} /> : !list.data ? <Loading /> : shown.length === 0 ? (
            <Empty icon={<Database size={19} />} title={text ? 'No dataset has that name' : 'No datasets yet'} command={text ? undefined : 'mlops drop data.csv --dataset NAME'}>{!text && 'A dataset begins with its first version: an upload to the inbox, or a commit.'}</Empty>
          ) : (
            <div className="flush">
              <table className="table">
                <thead><tr><th>Name</th><th>Newest version</th><th>Created</th><th>Updated</th></tr></thead>
                <tbody>{shown.map((d) => <tr key={d.name}><td><Link className="strong" to={to('data', d.name)}>{d.name}</Link></td><td className="num">{d.last_version}</td><td className="soft"><Ago time={d.created_at} /></td><td className="soft"><Ago time={d.updated_at} /></td></tr>)}</tbody>
              </table>
            </div>
          )}
        </div>
      </div>
    </Page>
  )
}

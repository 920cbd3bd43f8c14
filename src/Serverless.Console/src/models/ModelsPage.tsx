import { useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Boxes, Search } from 'lucide-react'
import { registeredModels } from '../api/mlflow'
import { Ago, Badge, Empty, Failure, Loading, Page } from '../design'
import { count } from '../lib/format'
import { useTitle } from '../lib/hooks'
import { Link, to, useQuery as useUrl } from '../lib/router'
import { StageBadge } from '../run/Overview'

export default function ModelsPage() {
  useTitle('Models')
  const [text, setText] = useUrl('q')
  const list = useQuery(registeredModels())
  const shown = useMemo(() => (list.data ?? []).filter((m) => m.name.toLowerCase().includes(text.toLowerCase())), [list.data, text])
  return (
    <Page title="Models">
      <div className="stack">
        <div className="searchbox">
          <Search size={14} aria-hidden />
          <input data-search value={text} onChange={(e) => setText(e.target.value)} placeholder="Find a model" aria-label="Find a model" />
        </div>
        <div className="card">
          {list.error ? <Failure error={list.error} retry={list.refetch} /> : !list.data ? <Loading /> : shown.length === 0 ? (
            <Empty icon={<Boxes size={19} />} title={text ? 'No model has that name' : 'No models yet'} command={text ? undefined : 'mlflow.register_model("runs:/RUN_ID/model", "NAME")'}>
              {!text && 'A pipeline’s register task or any MLflow client registers models.'}
            </Empty>
          ) : (
            <div className="flush">
              <table className="table">
                <thead><tr><th>Name</th><th>In Production</th><th>In Staging</th><th>Aliases</th><th>Updated</th></tr></thead>
                <tbody>
                  {shown.map((m) => {
                    const at = (stage: string) => m.latest_versions?.filter((v) => v.current_stage === stage) ?? []
                    return (
                      <tr key={m.name}>
                        <td><Link className="strong" to={to('models', m.name)}>{m.name}</Link>{m.description && <div className="small muted ellipsis" style={{ maxWidth: 380 }}>{m.description}</div>}</td>
                        {['Production', 'Staging'].map((s) => (
                          <td key={s}>{at(s).map((v) => <Link key={v.version} className="row" to={to('models', m.name, 'versions', v.version)}>Version {v.version} <StageBadge stage={s} /></Link>)}</td>
                        ))}
                        <td><div className="row wraps">{m.aliases?.map((a) => <Badge key={a.alias} tone="accent">@{a.alias} · {a.version}</Badge>)}</div></td>
                        <td className="soft"><Ago time={m.last_updated_timestamp} /></td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
            </div>
          )}
        </div>
        {list.data && <p className="muted small">{count(shown.length, 'model')}</p>}
      </div>
    </Page>
  )
}

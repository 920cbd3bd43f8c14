import { useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ArrowRight, Tag, X } from 'lucide-react'
import { deleteAlias, modelVersions, registeredModel, setAlias, tagMap } from '../api/mlflow'
import { isOpenRollout, modelHistory, modelStats, quality, rollout } from '../api/native'
import { Ago, Badge, Card, Confirm, Copy, Empty, Failure, Loading, Notice, Page, Segments, Tabs, toast } from '../design'
import { number, percent } from '../lib/format'
import { useTitle } from '../lib/hooks'
import { Link, to, useLocation, useQuery as useUrl, withQuery } from '../lib/router'
import { StageBadge } from '../run/Overview'
import { History } from './History'
import './models.css'

export default function ModelPage({ name }: { name: string }) {
  useTitle(name)
  const { query } = useLocation()
  const tab = query.get('tab') ?? 'versions'
  const model = useQuery(registeredModel(name))
  const versions = useQuery(modelVersions(name))
  const open = useQuery(rollout(name))
  const here = to('models', name)
  if (model.error) return <Page title={name} crumbs={<><Link to="/models">Models</Link> /</>}><Failure error={model.error} retry={model.refetch} /></Page>
  const guard = tagMap(model.data?.tags).get('serverless.production')
  const running = open.data && isOpenRollout(open.data.state) ? open.data : undefined
  return (
    <Page
      crumbs={<><Link to="/models">Models</Link> /</>}
      title={<><span className="ellipsis">{name}</span><Copy text={`models:/${name}/Production`} label="Copy URI of the version in Production" /></>}
      meta={model.data && <><span>Created <Ago time={model.data.creation_timestamp} /></span>{model.data.description && <span className="wrap">{model.data.description}</span>}{guard && <Badge outline title={guard}>Guarded: {guard.split(',').length} may promote</Badge>}</>}
      actions={open.data && <Link className="btn" to={to('models', name, 'rollout')}>Rollout</Link>}
      tabs={<Tabs label="Model" current={tab} tabs={[{ id: 'versions', label: 'Versions', to: here, count: versions.data?.length }, { id: 'health', label: 'Health', to: withQuery(here, { tab: 'health' }) }, { id: 'history', label: 'History', to: withQuery(here, { tab: 'history' }) }]} />}
    >
      <div className="stack">
        {running && (
          <Notice tone="info" title={`Version ${running.challenger} is being rolled out`} action={<Link className="btn small" to={to('models', name, 'rollout')}>Watch <ArrowRight size={13} /></Link>}>
            It takes {percent(running.traffic)} of the traffic. {running.reason}
          </Notice>
        )}
        {tab === 'versions' && (versions.error ? <Failure error={versions.error} /> : !versions.data ? <Loading /> : versions.data.length === 0 ? <div className="card"><Empty title="No versions">Register a version of this model.</Empty></div> : (
          <div className="card flush" style={{ overflowX: 'auto' }}>
            <table className="table">
              <thead><tr><th>Version</th><th>Stage</th><th>Aliases</th><th>Registered</th><th>By</th><th>Run</th><th>Description</th></tr></thead>
              <tbody>
                {versions.data.map((v) => (
                  <tr key={v.version}>
                    <td><Link className="strong nowrap" to={to('models', name, 'versions', v.version)}>Version {v.version}</Link></td>
                    <td><StageBadge stage={v.current_stage} /></td>
                    <td><Aliases name={name} version={v.version} aliases={v.aliases ?? []} /></td>
                    <td className="soft"><Ago time={v.creation_timestamp} /></td>
                    <td className="soft">{v.user_id?.replace(/\b[0-9a-f]{32}\b/, (x) => x.slice(0, 8))}</td>
                    <td>{v.run_id && <Link className="mono" to={to('runs', v.run_id)}>{v.run_id.slice(0, 8)}</Link>}</td>
                    <td className="soft ellipsis" style={{ maxWidth: 360 }}>{v.description}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
        {tab === 'health' && <Health name={name} />}
        {tab === 'history' && <HistoryTab name={name} />}
      </div>
    </Page>
  )
}

function HistoryTab({ name }: { name: string }) {
  const list = useQuery(modelHistory(name))
  if (list.error) return <Failure error={list.error} />
  return list.data ? <Card title="Who changed what, and why"><History name={name} entries={list.data} /></Card> : <Loading />
}

function Aliases({ name, version, aliases }: { name: string; version: string; aliases: string[] }) {
  const client = useQueryClient()
  const [adding, setAdding] = useState(false)
  const [text, setText] = useState('')
  const refresh = () => client.invalidateQueries({ queryKey: ['model', name] })
  return (
    <div className="row wraps" style={{ gap: 4 }}>
      {aliases.map((a) => (
        <Badge key={a} tone="accent">@{a}<button className="copy" style={{ width: 16, height: 16 }} aria-label={`Remove alias ${a}`} onClick={() => deleteAlias(name, a).then(refresh, (e: Error) => toast.bad(e.message))}><X size={11} /></button></Badge>
      ))}
      <button className="copy" aria-label={`Add an alias to version ${version}`} title="Add an alias" onClick={() => setAdding(true)}><Tag size={12} /></button>
      {adding && (
        <Confirm title={`Alias for version ${version}`} action="Set alias" disabled={!text.trim()} onClose={() => setAdding(false)} onConfirm={() => setAlias(name, text.trim(), version).then(refresh)}>
          <label className="field"><span>Alias</span><input className="input" autoFocus value={text} onChange={(e) => setText(e.target.value)} placeholder="champion" /></label>
          <p className="soft small">An alias names one version. If another version has it, it moves here.</p>
        </Confirm>
      )}
    </div>
  )
}

function Health({ name }: { name: string }) {
  const [hours, setHours] = useUrl('hours', '24')
  const stats = useQuery(modelStats(name))
  const found = useQuery(quality(name, Number(hours) || 24))
  return (
    <div className="stack">
      <Card flush title="Traffic on this host since it started">
        {stats.error ? <Failure error={stats.error} /> : !stats.data ? <Loading rows={3} /> : stats.data.versions.length === 0 ? <p className="muted" style={{ padding: 14 }}>Nobody has asked this model yet.</p> : (
          <table className="table num">
            <thead><tr><th>Version</th><th className="right">Requests</th><th className="right">Rejected</th><th className="right">Failed</th><th className="right">p50</th><th className="right">p99</th><th>Last error</th></tr></thead>
            <tbody>
              {stats.data.versions.map((v) => (
                <tr key={v.version}><td><Link to={to('models', name, 'versions', v.version)}>Version {v.version}</Link></td><td className="right">{v.succeeded.toLocaleString('en-US')}</td><td className="right">{v.rejected.toLocaleString('en-US')}</td><td className={`right${v.failed ? ' status bad' : ''}`}>{v.failed.toLocaleString('en-US')}</td><td className="right">{v.latency_p50 != null ? `${v.latency_p50.toFixed(2)} ms` : '–'}</td><td className="right">{v.latency_p99 != null ? `${v.latency_p99.toFixed(1)} ms` : '–'}</td><td className="soft">{v.last_error}</td></tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      <Card flush title="Quality" actions={<Segments label="Window" value={hours} onChange={setHours} options={[{ value: '1', label: '1 h' }, { value: '24', label: '24 h' }, { value: '168', label: '7 d' }]} />}>
        {found.error ? <Failure error={found.error} /> : !found.data ? <Loading rows={3} /> : !found.data.is_logged ? <p className="muted" style={{ padding: 14 }}>Predictions of this model are not logged, so its quality is unknown.</p> : found.data.versions.length === 0 ? <p className="muted" style={{ padding: 14 }}>No predictions in this window.</p> : (
          <table className="table num">
            <thead><tr><th>Version</th><th className="right">Predictions</th><th className="right">With labels</th><th>Metric</th><th className="right">Measured</th><th>Estimated, with its 95 % interval</th></tr></thead>
            <tbody>
              {found.data.versions.flatMap((v) => {
                const names = [...new Set([...Object.keys(v.metrics ?? {}), ...Object.keys(v.estimate?.metrics ?? {})])].sort()
                return names.map((n, i) => {
                  const e = v.estimate?.metrics?.[n]
                  return (
                    <tr key={`${v.version}-${n}`}>
                      {i === 0 && <><td rowSpan={names.length}><Link to={to('models', name, 'versions', v.version)}>Version {v.version}</Link></td><td className="right" rowSpan={names.length}>{v.rows.toLocaleString('en-US')}</td><td className="right" rowSpan={names.length}>{v.labelled.toLocaleString('en-US')}</td></>}
                      <td className="soft">{n}</td>
                      <td className="right">{number(v.metrics?.[n])}</td>
                      <td>{e ? <div className="row"><span style={{ width: 60 }}>{number(Number(e.value.toFixed(4)))}</span><div className="interval grow" title={`${number(e.low)} to ${number(e.high)}`}><span style={{ left: `${e.low * 100}%`, right: `${100 - e.high * 100}%` }} /><i style={{ left: `${e.value * 100}%` }} /></div></div> : <span className="muted">–</span>}</td>
                    </tr>
                  )
                })
              })}
            </tbody>
          </table>
        )}
      </Card>
      {found.data?.versions.find((v) => v.estimate?.note)?.estimate?.note && <p className="muted small">{found.data.versions.find((v) => v.estimate?.note)!.estimate!.note}</p>}
    </div>
  )
}

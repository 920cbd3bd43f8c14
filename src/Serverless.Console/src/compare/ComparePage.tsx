import { lazy, Suspense, useMemo } from 'react'
import { useQueries, useQuery } from '@tanstack/react-query'
import { GitCompareArrows } from 'lucide-react'
import { artifacts, run as runQuery, tagMap, type Run } from '../api/mlflow'
import { Ago, Copy, Empty, Failure, Loading, Page, Segments, Tabs } from '../design'
import { palette } from '../charts/palette'
import { duration, number } from '../lib/format'
import { useTitle } from '../lib/hooks'
import { Link, setQuery, to, useLocation, useQuery as useUrl, withQuery } from '../lib/router'
import { rowOf } from '../runs/model'
import { RunState } from '../runs/status'
import { best } from './best'
import { EvaluationPanels } from './Evaluation'
import './compare.css'

const ChartBoard = lazy(() => import('../charts/ChartBoard'))
const most = 20

/** Runs beside one another: what differs first. */
export default function ComparePage() {
  useTitle('Compare')
  const { query } = useLocation()
  const [only, setOnly] = useUrl('only', 'differences')
  const ids = useMemo(() => [...new Set((query.get('runs') ?? '').split(',').filter(Boolean))].slice(0, most), [query])
  const found = useQueries({ queries: ids.map((id) => runQuery(id)) })
  const runs = found.flatMap((f) => f.data ?? [])
  const tab = query.get('tab') ?? 'values'
  const rows = useMemo(() => runs.map(rowOf), [runs.map((r) => r.info.run_id + r.info.status).join()]) // eslint-disable-line react-hooks/exhaustive-deps
  const colors = useMemo(() => new Map(ids.map((id, i) => [id, palette[i % palette.length]!])), [ids])
  const error = found.find((f) => f.error)?.error
  const link = (t?: string) => withQuery('/compare', { runs: ids.join(','), tab: t })

  if (ids.length < 2) return <Page title="Compare"><Empty icon={<GitCompareArrows size={19} />} title="Choose at least two runs">Select runs in the table of an experiment, and press Compare.</Empty></Page>
  if (error) return <Page title="Compare"><Failure error={error} /></Page>
  if (runs.length < ids.length) return <Page title="Compare"><Loading /></Page>
  return (
    <Page
      crumbs={<><Link to="/experiments">Experiments</Link> / <Link to={to('experiments', runs[0]!.info.experiment_id)}>{runs[0]!.info.experiment_id}</Link> /</>}
      title={`Compare ${runs.length} runs`}
      actions={tab === 'values' && <Segments label="Rows" value={only} onChange={setOnly} options={[{ value: 'differences', label: 'Differences' }, { value: 'all', label: 'All' }]} />}
      tabs={<Tabs label="Comparison" current={tab} tabs={[{ id: 'values', label: 'Values', to: link() }, { id: 'charts', label: 'Curves', to: link('charts') }, { id: 'evaluation', label: 'Evaluation', to: link('evaluation') }, { id: 'artifacts', label: 'Artifacts', to: link('artifacts') }]} />}
    >
      {tab === 'values' && <Values runs={runs} colors={colors} onlyDifferent={only !== 'all'} />}
      {tab === 'charts' && <Suspense fallback={<Loading />}><ChartBoard rows={rows} colors={colors} all={rows} /></Suspense>}
      {tab === 'evaluation' && <EvaluationPanels runs={runs} colors={colors} />}
      {tab === 'artifacts' && <ArtifactDiff runs={runs} colors={colors} />}
    </Page>
  )
}

function Head({ runs, colors }: { runs: Run[]; colors: Map<string, string> }) {
  return (
    <thead>
      <tr>
        <th className="pin">Run</th>
        {runs.map((r) => (
          <th key={r.info.run_id}>
            <div className="row"><span className="dot" style={{ color: colors.get(r.info.run_id) }} /><Link to={to('runs', r.info.run_id)} className="ellipsis" title={r.info.run_name}>{r.info.run_name}</Link>
              <button className="copy" aria-label={`Leave out ${r.info.run_name}`} title="Leave out" disabled={runs.length <= 2} onClick={() => setQuery({ runs: runs.filter((o) => o !== r).map((o) => o.info.run_id).join(',') }, { push: true })}>×</button>
            </div>
          </th>
        ))}
      </tr>
    </thead>
  )
}

function Values({ runs, colors, onlyDifferent }: { runs: Run[]; colors: Map<string, string>; onlyDifferent: boolean }) {
  const metrics = runs.map((r) => new Map((r.data.metrics ?? []).map((m) => [m.key, Number(m.value)])))
  const params = runs.map((r) => tagMap(r.data.params))
  const tags = runs.map((r) => new Map([...tagMap(r.data.tags)].filter(([k]) => !k.startsWith('mlflow.') || k.startsWith('mlflow.source.git') || k === 'mlflow.user')))
  const part = <T,>(title: string, maps: Map<string, T>[], show: (v: T | undefined) => string, isMetric?: boolean) => {
    const keys = [...new Set(maps.flatMap((m) => [...m.keys()]))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    const differ = (k: string) => new Set(maps.map((m) => String(m.get(k)))).size > 1
    const shown = onlyDifferent ? keys.filter(differ) : keys
    return (
      <tbody key={title}>
        <tr className="band"><th colSpan={runs.length + 1} className="pin">{title} <span className="muted num">{shown.length}{shown.length < keys.length ? ` of ${keys.length}` : ''}</span></th></tr>
        {shown.map((k) => {
          const top = isMetric ? best(k, maps.map((m) => m.get(k) as number | undefined)) : undefined
          return (
            <tr key={k} className={!onlyDifferent && differ(k) ? 'differs' : undefined}>
              <td className="pin soft wrap">{k}</td>
              {maps.map((m, i) => <td key={i} className={`wrap${isMetric ? ' num' : ''}${top === i ? ' top' : ''}`} title={String(m.get(k) ?? '')}>{show(m.get(k))}</td>)}
            </tr>
          )
        })}
      </tbody>
    )
  }
  return (
    <div className="card compare">
      <table className="table">
        <Head runs={runs} colors={colors} />
        <tbody>
          <tr><td className="pin soft">Status</td>{runs.map((r) => <td key={r.info.run_id}><RunState status={r.info.status} /></td>)}</tr>
          <tr><td className="pin soft">Started</td>{runs.map((r) => <td key={r.info.run_id}><Ago time={r.info.start_time} /></td>)}</tr>
          <tr><td className="pin soft">Duration</td>{runs.map((r) => <td key={r.info.run_id} className="num">{duration(r.info.end_time ? r.info.end_time - (r.info.start_time ?? 0) : undefined)}</td>)}</tr>
        </tbody>
        {part('Metrics', metrics, (v) => number(v), true)}
        {part('Parameters', params, (v) => v ?? '–')}
        {part('Tags', tags, (v) => v ?? '–')}
      </table>
    </div>
  )
}

function ArtifactDiff({ runs, colors }: { runs: Run[]; colors: Map<string, string> }) {
  const list = useQuery({
    queryKey: ['artifact diff', runs.map((r) => r.info.run_id)],
    queryFn: async ({ client }) => Promise.all(runs.map(async (r) => {
      const found = new Map<string, number | undefined>()
      const walk = async (path: string, depth: number): Promise<void> => {
        for (const f of await client.fetchQuery(artifacts(r.info.run_id, path))) {
          if (!f.is_dir) found.set(f.path, f.file_size)
          else if (depth < 4 && found.size < 500) await walk(f.path, depth + 1)
        }
      }
      await walk('', 0)
      return found
    })),
  })
  if (list.error) return <Failure error={list.error} />
  if (!list.data) return <Loading />
  const paths = [...new Set(list.data.flatMap((m) => [...m.keys()]))].sort()
  if (paths.length === 0) return <Empty title="No artifacts">None of these runs has written files.</Empty>
  return (
    <div className="card compare">
      <table className="table">
        <Head runs={runs} colors={colors} />
        <tbody>
          {paths.map((p) => {
            const sizes = list.data.map((m) => (m.has(p) ? (m.get(p) ?? 0) : undefined))
            return (
              <tr key={p} className={new Set(sizes).size > 1 ? 'differs' : undefined}>
                <td className="pin mono soft wrap">{p} <Copy text={p} label="Copy path" /></td>
                {sizes.map((s, i) => <td key={i} className="num">{s === undefined ? <span className="muted">–</span> : <Link to={withQuery(to('runs', runs[i]!.info.run_id), { tab: 'artifacts', path: p })}>{s.toLocaleString('en-US')} B</Link>}</td>)}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

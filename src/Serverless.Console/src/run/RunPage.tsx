import { lazy, Suspense, useMemo, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Ban, Ellipsis, Link2, Pencil, Play, RotateCcw, Trash2 } from 'lucide-react'
import { deleteRun, experiment, isActive, renameRun, restoreRun, run as runQuery, tagMap } from '../api/mlflow'
import { cancelRun, pipelineView, rerun, retryRun } from '../api/pipeline'
import { Ago, Button, Confirm, Duration, Failure, IconButton, Id, Loading, Menu, MenuItem, MenuLine, Notice, Page, Tabs, toast } from '../design'
import { copyText } from '../lib/clipboard'
import { useTitle } from '../lib/hooks'
import { Link, navigate, to, useLocation, withQuery } from '../lib/router'
import { rowOf } from '../runs/model'
import { RunState, TaskState } from '../runs/status'
import { palette } from '../charts/palette'
import { Artifacts } from './Artifacts'
import { LogView } from './LogView'
import { Overview } from './Overview'
import { ParameterForm } from './ParameterForm'
import './run.css'

const ChartBoard = lazy(() => import('../charts/ChartBoard'))
const MetricPanels = lazy(() => import('../charts/ChartBoard').then((m) => ({ default: m.MetricPanels })))
const Graph = lazy(() => import('../graph/GraphView'))

const isSystem = (key: string) => key.startsWith('system/')

export default function RunPage({ id }: { id: string }) {
  const client = useQueryClient()
  const { query } = useLocation()
  const [dialog, setDialog] = useState<'cancel' | 'rerun' | 'rename' | 'delete'>()
  const [text, setText] = useState('')
  const found = useQuery(runQuery(id))
  const run = found.data
  const { data: about } = useQuery({ ...experiment(run?.info.experiment_id ?? ''), enabled: !!run })
  const tags = useMemo(() => tagMap(run?.data.tags), [run])
  const task = tags.get('serverless.task.state')
  const parent = tags.get('mlflow.parentRunId')
  const tab = query.get('tab') ?? 'overview'
  const view = useQuery(pipelineView(id, !!run && !task, tab === 'log'))
  const pipeline = view.data?.graph ? view.data : undefined
  const isPipeline = !!pipeline
  const row = useMemo(() => (run ? rowOf(run) : undefined), [run])
  const rows = useMemo(() => (row ? [row] : []), [row])
  const colors = useMemo(() => new Map([[id, palette[0]!]]), [id])
  useTitle(run?.info.run_name)

  if (found.error && !run) return <Page title="Run"><Failure error={found.error} retry={found.refetch} /></Page>
  if (!run || !row) return <Page title="…"><Loading /></Page>

  const here = to('runs', id)
  const { info } = run
  const hasSystem = [...row.metrics.keys()].some(isSystem)
  const hasLog = isPipeline || !!task
  const refresh = () => Promise.all(['run', 'pipeline', 'runs'].map((k) => client.invalidateQueries({ queryKey: [k] })))
  const act = (promise: Promise<unknown>, done: string) => promise.then(() => { toast.good(done); return refresh() }, (e: Error) => toast.bad(e.message))
  const tabs = [
    { id: 'overview', label: 'Overview', to: here },
    ...(pipeline ? [{ id: 'graph', label: 'Graph', to: withQuery(here, { tab: 'graph' }), count: pipeline.graph.length }] : []),
    { id: 'charts', label: 'Charts', to: withQuery(here, { tab: 'charts' }) },
    ...(hasSystem ? [{ id: 'system', label: 'System', to: withQuery(here, { tab: 'system' }) }] : []),
    ...(hasLog ? [{ id: 'log', label: 'Log', to: withQuery(here, { tab: 'log' }) }] : []),
    { id: 'artifacts', label: 'Artifacts', to: withQuery(here, { tab: 'artifacts' }) },
  ]
  const fill = tab === 'graph' || tab === 'log' || tab === 'artifacts'

  return (
    <Page
      fill={fill}
      crumbs={
        <>
          <Link to="/experiments">Experiments</Link> / <Link to={to('experiments', info.experiment_id)}>{about?.name ?? info.experiment_id}</Link> /
          {parent && <><Link to={withQuery(to('runs', parent), { tab: task ? 'graph' : undefined })}>{parent.slice(0, 8)}</Link> /</>}
        </>
      }
      title={
        <>
          <span className="ellipsis">{info.run_name || id}</span>
          {task ? <TaskState state={task} badge /> : <RunState status={info.status} badge />}
        </>
      }
      meta={
        <>
          <Id id={id} chars={12} />
          <span>Started <Ago time={info.start_time} /></span>
          <span><Duration from={info.start_time} to={info.end_time || undefined} /></span>
          {(tags.get('mlflow.user') ?? info.user_id) && <span>by {tags.get('mlflow.user') ?? info.user_id}</span>}
        </>
      }
      actions={
        <>
          {isPipeline && isActive(info.status) && <Button look="danger" icon={<Ban size={14} />} onClick={() => { setText(''); setDialog('cancel') }}>Cancel</Button>}
          {isPipeline && (info.status === 'FAILED' || info.status === 'KILLED') && <Button icon={<RotateCcw size={14} />} onClick={() => act(retryRun(id), 'Failed tasks run again.')}>Retry</Button>}
          {isPipeline && !isActive(info.status) && <Button icon={<Play size={14} />} onClick={() => setDialog('rerun')}>Run again</Button>}
          <Menu label="More actions" align="end" trigger={(p) => <IconButton label="More actions" look="plain" {...p}><Ellipsis size={15} /></IconButton>}>
            <MenuItem icon={<Link2 size={14} />} onClick={() => copyText(window.location.href).then(() => toast.good('Link copied.'), (e: Error) => toast.bad(e.message))}>Copy link</MenuItem>
            <MenuItem icon={<Pencil size={14} />} onClick={() => { setText(info.run_name); setDialog('rename') }}>Rename</MenuItem>
            <MenuLine />
            {info.lifecycle_stage === 'deleted' ? (
              <MenuItem icon={<RotateCcw size={14} />} onClick={() => act(restoreRun(id), 'Run restored.')}>Restore</MenuItem>
            ) : (
              <MenuItem danger icon={<Trash2 size={14} />} onClick={() => setDialog('delete')}>Delete</MenuItem>
            )}
          </Menu>
        </>
      }
      tabs={<Tabs label="Run" tabs={tabs} current={tab} />}
    >
      {info.lifecycle_stage === 'deleted' && <div style={{ marginBottom: 14 }}><Notice tone="warn">This run is deleted. Restore it to keep it from garbage collection.</Notice></div>}
      {tab === 'overview' && <Overview run={run} tags={tags} pipeline={pipeline} />}
      {tab === 'graph' && pipeline && <Suspense fallback={<Loading />}><Graph view={pipeline} /></Suspense>}
      {tab === 'charts' && <Suspense fallback={<Loading />}><ChartBoard rows={rows} colors={colors} all={rows} single /></Suspense>}
      {tab === 'system' && <Suspense fallback={<Loading />}><div className="board"><MetricPanels rows={rows} colors={colors} only={isSystem} /></div></Suspense>}
      {tab === 'log' && hasLog && <LogView runId={id} tasks={pipeline?.tasks} active={isActive(info.status)} />}
      {tab === 'artifacts' && <Artifacts run={run} />}

      {dialog === 'cancel' && (
        <Confirm title="Cancel this run?" action="Cancel run" danger onClose={() => setDialog(undefined)} onConfirm={() => cancelRun(id, text).then(refresh)}>
          <p className="soft">Running tasks stop. Tasks marked <code>finally</code> still run. You can retry the run later.</p>
          <label className="field"><span>Reason <span className="hint">(optional)</span></span><input className="input" value={text} onChange={(e) => setText(e.target.value)} autoFocus /></label>
        </Confirm>
      )}
      {dialog === 'rename' && (
        <Confirm title="Rename run" action="Rename" disabled={!text.trim()} onClose={() => setDialog(undefined)} onConfirm={() => renameRun(id, text.trim()).then(refresh)}>
          <label className="field"><span>Name</span><input className="input" value={text} onChange={(e) => setText(e.target.value)} autoFocus /></label>
        </Confirm>
      )}
      {dialog === 'delete' && (
        <Confirm title="Delete this run?" action="Delete" danger onClose={() => setDialog(undefined)} onConfirm={() => deleteRun(id).then(refresh)}>
          <p className="soft">The run can be restored until garbage collection removes it.{isPipeline ? ' The runs of its tasks go with it.' : ''}</p>
        </Confirm>
      )}
      {dialog === 'rerun' && pipeline && (
        <ParameterForm
          title="Run again"
          parameters={pipeline.parameters}
          onClose={() => setDialog(undefined)}
          onSubmit={async (changes) => {
            const started = await rerun(id, changes)
            await refresh()
            navigate(to('runs', started.run_id))
          }}
        />
      )}
    </Page>
  )
}


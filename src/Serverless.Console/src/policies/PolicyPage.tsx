import { useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Pause, Play, Rocket } from 'lucide-react'
import { pipelineView } from '../api/pipeline'
import { decisions, pausePolicy, policy, reportUrl, resumePolicy, revisions, savePolicy, trainNow, type Decision } from '../api/native'
import { Ago, Badge, Button, Card, Confirm, Copy, Empty, Failure, Loading, Notice, Page, Tabs, toast, type Tone } from '../design'
import { count } from '../lib/format'
import { useTitle } from '../lib/hooks'
import { Link, navigate, to, useLocation, withQuery } from '../lib/router'
import { ParameterForm } from '../run/ParameterForm'
import '../run/run.css'
import './policies.css'

export default function PolicyPage({ model }: { model: string }) {
  useTitle(`Policy of ${model}`)
  const client = useQueryClient()
  const { query } = useLocation()
  const tab = query.get('tab') ?? 'decisions'
  const [dialog, setDialog] = useState<'pause' | 'train'>()
  const [reason, setReason] = useState('')
  const found = useQuery(policy(model))
  const log = useQuery({ ...decisions(model), refetchInterval: found.data?.state.active ? 2000 : false })
  const last = log.data?.find((d) => d.run_id)?.run_id
  const pipeline = useQuery(pipelineView(last ?? '', !!last && dialog === 'train', true))
  const crumbs = <><Link to="/policies">Policies</Link> /</>
  if (found.error) return <Page title={model} crumbs={crumbs}><Failure error={found.error} retry={found.refetch} /></Page>
  if (!found.data) return <Page title={model} crumbs={crumbs}><Loading /></Page>
  const { state, policy: revision } = found.data
  const here = to('policies', model)
  const refresh = () => Promise.all(['policy', 'policies', 'home'].map((k) => client.invalidateQueries({ queryKey: [k] })))
  return (
    <Page
      crumbs={crumbs}
      title={<><span className="ellipsis">{model}</span>{state.paused ? <Badge tone="warn">Paused</Badge> : state.active ? <Badge tone="info">Training</Badge> : <Badge tone="good">Active</Badge>}</>}
      meta={<><span>Revision {revision.revision}, applied <Ago time={revision.applied_at} /> by {revision.applied_by}</span><Link to={to('models', model)}>Model</Link></>}
      actions={
        <>
          {state.paused ? <Button icon={<Play size={14} />} onClick={() => resumePolicy(model).then(() => { toast.good('The policy is active again.'); return refresh() }, (e: Error) => toast.bad(e.message))}>Resume</Button> : <Button icon={<Pause size={14} />} onClick={() => { setReason(''); setDialog('pause') }}>Pause</Button>}
          <Button look="primary" icon={<Rocket size={14} />} disabled={!!state.active} onClick={() => setDialog('train')}>Train now</Button>
        </>
      }
      tabs={<Tabs label="Policy" current={tab} tabs={[{ id: 'decisions', label: 'Decisions', to: here, count: log.data?.length }, { id: 'document', label: 'Document', to: withQuery(here, { tab: 'document' }) }, { id: 'revisions', label: 'Revisions', to: withQuery(here, { tab: 'revisions' }) }]} />}
    >
      <div className="stack">
        {state.paused && <Notice tone="warn" title={`Paused by ${state.paused.by}`}>{state.paused.reason} What comes in meanwhile waits, and becomes one run afterwards.</Notice>}
        {state.active && <Notice tone="info" title="A run is under way" action={<Link className="btn small" to={to('runs', state.active.run_id)}>Open run</Link>}>{state.active.why}</Notice>}
        {state.pending.length > 0 && <Notice tone="info" title={`${count(state.pending.length, 'event')} waiting`}>{state.pending.map((p) => `${p.trigger}: ${p.why}`).join('; ')}</Notice>}
        {tab === 'decisions' && (log.error ? <Failure error={log.error} /> : !log.data ? <Loading /> : log.data.length === 0 ? <div className="card"><Empty title="No decisions yet">Each look at a trigger is recorded here, with what was looked at and why a run started or did not.</Empty></div> : <Decisions list={log.data} />)}
        {tab === 'document' && <Document key={revision.revision} model={model} text={revision.text} onSaved={refresh} />}
        {tab === 'revisions' && <Revisions model={model} />}
      </div>
      {dialog === 'pause' && (
        <Confirm title="Pause this policy?" action="Pause" onClose={() => setDialog(undefined)} onConfirm={() => pausePolicy(model, reason).then(refresh)}>
          <p className="soft">It starts nothing by itself until you resume it. You can still train by hand.</p>
          <label className="field"><span>Reason</span><input className="input" autoFocus value={reason} onChange={(e) => setReason(e.target.value)} /></label>
        </Confirm>
      )}
      {dialog === 'train' && (!last || pipeline.data || pipeline.error) && (
        <ParameterForm title="Train now" parameters={pipeline.data?.graph ? pipeline.data.parameters : {}} onClose={() => setDialog(undefined)} onSubmit={async (changes) => {
          const started = await trainNow(model, Object.fromEntries(Object.entries(changes).map(([k, v]) => [`params.${k}`, v])))
          await refresh()
          navigate(to('runs', started.run_id))
        }} />
      )}
    </Page>
  )
}

const outcomes: Record<string, [Tone, string]> = { fired: ['info', 'Started a run'], held: ['warn', 'Waits'], not_fired: ['mute', 'Nothing to do'], refused: ['bad', 'Refused'], ended: ['mute', 'Run ended'] }
const upshots: Record<string, [Tone, string]> = { passed: ['good', 'Challenger passed'], lost: ['warn', 'Challenger lost'], failed: ['bad', 'Run failed'], canceled: ['mute', 'Run canceled'], finished: ['good', 'Run finished'] }

function Decisions({ list }: { list: Decision[] }) {
  return (
    <div className="card flush" style={{ overflowX: 'auto' }}>
      <table className="table">
        <thead><tr><th>Time</th><th>Trigger</th><th>Decision</th><th>Looked at</th><th>Why</th><th>Run</th></tr></thead>
        <tbody>
          {list.map((d, i) => {
            const [tone, text] = (d.upshot && upshots[d.upshot]) || outcomes[d.outcome] || (['mute', d.outcome] as const)
            return (
              <tr key={i}>
                <td className="soft"><Ago time={d.last_time ?? d.time} />{(d.times ?? 1) > 1 && <div className="small muted">{d.times} times</div>}</td>
                <td>{d.trigger}</td>
                <td><Badge tone={tone}>{text}</Badge></td>
                <td className="soft wrap" style={{ minWidth: 180 }}>{d.looked_at}{d.report && <> · <a href={reportUrl(d.report)} target="_blank" rel="noopener noreferrer">report</a></>}</td>
                <td className="wrap" style={{ minWidth: 260 }}>{d.why}</td>
                <td>{d.run_id && <Link className="mono" to={to('runs', d.run_id)}>{d.run_id.slice(0, 8)}</Link>}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Document({ model, text, onSaved }: { model: string; text: string; onSaved: () => Promise<unknown> }) {
  const [draft, setDraft] = useState(text)
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await savePolicy(model, draft)
      toast.good('The policy is active.')
      await onSaved()
    } catch (e) {
      setError((e as Error).message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Card title="Document" actions={<><Copy text={draft} /><Button small look="ghost" disabled={draft === text} onClick={() => setDraft(text)}>Revert</Button><Button small look="primary" disabled={draft === text || busy} onClick={save}>Apply</Button></>}>
      <div className="stack">
        {error && <Notice tone="bad" title="The policy was not applied"><span style={{ whiteSpace: 'pre-wrap' }}>{error}</span></Notice>}
        <textarea className="textarea mono policy-text" spellCheck={false} aria-label="Policy document" value={draft} rows={Math.min(40, draft.split('\n').length + 2)} onChange={(e) => setDraft(e.target.value)} onKeyDown={(e) => { if ((e.ctrlKey || e.metaKey) && e.key === 's') { e.preventDefault(); void save() } }} />
        <p className="muted small">The document is checked as a whole before it becomes active. Its pipeline stays the one that was applied from its folder.</p>
      </div>
    </Card>
  )
}

function Revisions({ model }: { model: string }) {
  const list = useQuery(revisions(model))
  const [open, setOpen] = useState<number>()
  if (list.error) return <Failure error={list.error} />
  if (!list.data) return <Loading />
  return (
    <div className="card flush">
      <table className="table">
        <thead><tr><th>Revision</th><th>Applied</th><th>By</th><th>Digest</th><th /></tr></thead>
        <tbody>
          {list.data.flatMap((r) => [
            <tr key={r.revision}><td className="num">{r.revision}</td><td className="soft"><Ago time={r.applied_at} /></td><td>{r.applied_by}{r.came_with_run && <span className="muted small"> with a run</span>}</td><td className="mono soft">{r.digest}</td><td className="right"><Button small look="ghost" aria-expanded={open === r.revision} onClick={() => setOpen(open === r.revision ? undefined : r.revision)}>{open === r.revision ? 'Hide' : 'Show'}</Button></td></tr>,
            ...(open === r.revision ? [<tr key={`${r.revision} text`}><td colSpan={5}><pre className="codeblock">{r.text}</pre></td></tr>] : []),
          ])}
        </tbody>
      </table>
    </div>
  )
}

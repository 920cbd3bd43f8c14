import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ArrowUpToLine, Ban, Pause, Play, Undo2 } from 'lucide-react'
import { isOpenRollout, rollout, rollouts, steerRollout, type RolloutTest, type RolloutView } from '../api/native'
import { Ago, Badge, Button, Card, Confirm, Empty, Failure, Loading, Notice, Page, toast, type Tone } from '../design'
import { duration, number, percent } from '../lib/format'
import { useNow, useTitle } from '../lib/hooks'
import { Link, to } from '../lib/router'
import { RolloutApproval } from '../home/HomePage'
import '../graph/graph.css'
import './rollout.css'

const Bounds = lazy(() => import('./Bounds'))

const looks: Record<string, [Tone, string]> = {
  waiting_for_approval: ['warn', 'Waits for approval'], running: ['info', 'Running'], paused: ['warn', 'Paused'], promoted: ['good', 'Promoted'], rolled_back: ['bad', 'Rolled back'], aborted: ['mute', 'Aborted'],
}

export const RolloutState = ({ state }: { state: string }) => <Badge tone={looks[state]?.[0] ?? 'mute'}>{looks[state]?.[1] ?? state}</Badge>

interface Action { verb: string; title: string; text: string; danger?: boolean }

export default function RolloutPage({ name }: { name: string }) {
  useTitle('Rollout', name)
  const client = useQueryClient()
  const now = useQuery(rollout(name))
  const all = useQuery(rollouts(name))
  const [action, setAction] = useState<Action>()
  const [why, setWhy] = useState('')
  const crumbs = <><Link to="/models">Models</Link> / <Link to={to('models', name)}>{name}</Link> /</>
  const r = now.data
  const seen = useSeen(r)
  if (now.error) return <Page title="Rollout" crumbs={crumbs}>{(now.error as { status?: number }).status === 404 ? <div className="card"><Empty title="No rollout yet" command={`mlops rollout start ${name} VERSION --steps 5%,25%,100%`}>Start one from the page of a version, or let the policy’s pipeline do it.</Empty></div> : <Failure error={now.error} retry={now.refetch} />}</Page>
  if (!r) return <Page title="Rollout" crumbs={crumbs}><Loading /></Page>
  const ask = (verb: string, title: string, text: string, danger?: boolean) => { setWhy(''); setAction({ verb, title, text, danger }) }
  return (
    <Page
      crumbs={crumbs}
      title={<><span>Version {r.challenger}{r.champion !== undefined && <span className="muted"> against version {r.champion}</span>}</span><RolloutState state={r.state} /></>}
      meta={<><span>Started <Ago time={r.started_at} /></span>{r.ended_at && <span>Ended <Ago time={r.ended_at} /></span>}<span>by {r.by.replace(/\b[0-9a-f]{32}\b/, (x) => x.slice(0, 8))}</span></>}
      actions={
        <>
          {r.state === 'running' && <Button icon={<Pause size={14} />} onClick={() => ask('pause', 'Pause the rollout?', 'It stays at its step, and is still taken back if the numbers speak against it.')}>Pause</Button>}
          {r.state === 'paused' && <Button icon={<Play size={14} />} onClick={() => ask('resume', 'Resume the rollout?', 'It goes on from its step.')}>Resume</Button>}
          {(r.state === 'running' || r.state === 'paused') && <Button icon={<ArrowUpToLine size={14} />} onClick={() => ask('promote', `Promote version ${r.challenger} now?`, 'It skips the steps that are left, and goes to Production.')}>Promote</Button>}
          {isOpenRollout(r.state) && <Button look="danger" icon={<Ban size={14} />} onClick={() => ask('abort', 'Abort the rollout?', 'The version in Production answers everything again.', true)}>Abort</Button>}
          {r.state === 'promoted' && r.champion !== undefined && <Button look="danger" icon={<Undo2 size={14} />} onClick={() => ask('rollback', `Roll back to version ${r.champion}?`, `Version ${r.champion} goes to Production again, at once.`, true)}>Roll back</Button>}
        </>
      }
    >
      <div className="stack">
        {r.state === 'waiting_for_approval' && <RolloutApproval model={name} version={r.challenger} role={r.approval_role} why={r.why} />}
        {r.reason && <Notice tone={r.state === 'rolled_back' ? 'bad' : r.state === 'paused' ? 'warn' : 'info'}>{r.reason}</Notice>}
        <Steps rollout={r} />
        <div className="cards">
          {r.tests.map((t) => <Test key={t.name} test={t} champion={r.champion} challenger={r.challenger} />)}
        </div>
        {isOpenRollout(r.state) && r.tests.length > 0 && (
          <Card title="Evidence against the challenger, by requests">
            <Suspense fallback={<Loading rows={4} />}><Bounds seen={seen} tests={r.tests} /></Suspense>
            <p className="muted small">Always-valid p-values since this page was opened. A test whose line falls below its bound takes the challenger back.</p>
          </Card>
        )}
        {r.why && <Card title="Why this version"><ul className="stack tight">{r.why.split(/;\s+/).map((w, i) => <li key={i} className="wrap">{w}</li>)}</ul></Card>}
        {all.data && all.data.length > 1 && (
          <Card flush title="Rollouts of this model">
            <table className="table">
              <thead><tr><th>Version</th><th>State</th><th>Started</th><th>Ended</th><th>Reason</th></tr></thead>
              <tbody>{all.data.map((o) => <tr key={o.id}><td><Link to={to('models', name, 'versions', o.challenger)}>Version {o.challenger}</Link></td><td><RolloutState state={o.state} /></td><td className="soft"><Ago time={o.started_at} /></td><td className="soft"><Ago time={o.ended_at} /></td><td className="soft wrap">{o.reason}</td></tr>)}</tbody>
            </table>
          </Card>
        )}
      </div>
      {action && (
        <Confirm title={action.title} action={action.verb.charAt(0).toUpperCase() + action.verb.slice(1)} danger={action.danger} onClose={() => setAction(undefined)} onConfirm={async () => {
          await steerRollout(name, action.verb, { why: why || undefined })
          toast.good('Done.')
          await Promise.all(['rollout', 'rollouts', 'model', 'models', 'home'].map((k) => client.invalidateQueries({ queryKey: [k] })))
        }}>
          <p className="soft">{action.text}</p>
          <label className="field"><span>Reason <span className="hint">(recorded in the model’s history)</span></span><input className="input" autoFocus value={why} onChange={(e) => setWhy(e.target.value)} /></label>
        </Confirm>
      )}
    </Page>
  )
}

function Steps({ rollout: r }: { rollout: RolloutView }) {
  const now = useNow()
  return (
    <ol className="steps">
      {r.steps.map((s, i) => {
        const n = i + 1
        const isNow = isOpenRollout(r.state) && n === r.step
        const done = r.state === 'promoted' || n < r.step
        const since = s.started_at ? now - new Date(s.started_at).getTime() : 0
        const share = isNow ? Math.min(1, since / 1000 / Math.max(1, s.bake_seconds)) : done ? 1 : 0
        return (
          <li key={i} className={isNow ? 'now' : done ? 'done' : ''} aria-current={isNow ? 'step' : undefined}>
            <div className="row"><strong className="grow">{percent(s.traffic)}</strong><span className="small muted num">bakes {duration(s.bake_seconds * 1000)}</span></div>
            <div className="bar"><span style={{ width: `${share * 100}%` }} /></div>
            <dl>
              <div><dt>Challenger</dt><dd className="num">{s.challenger_requests.toLocaleString('en-US')}{s.challenger_errors > 0 && <span className="status bad"> · {s.challenger_errors} failed</span>}</dd></div>
              <div><dt>Champion</dt><dd className="num">{s.champion_requests.toLocaleString('en-US')}{s.champion_errors > 0 && <span className="status bad"> · {s.champion_errors} failed</span>}</dd></div>
            </dl>
          </li>
        )
      })}
    </ol>
  )
}

function Test({ test, champion, challenger }: { test: RolloutTest; champion?: number; challenger: number }) {
  const show = (v: number | undefined, n: number) => (n === 0 || v === undefined ? '–' : test.unit === 'share' ? percent(v, 2) : test.unit === 'ms' ? `${number(Number(v.toPrecision(3)))} ms` : number(Number(v.toPrecision(4))))
  return (
    <section className={`card test${test.is_rejected ? ' rejected' : ''}`}>
      <div className="body stack tight">
        <div className="row"><h3 className="grow">{test.name.charAt(0).toUpperCase() + test.name.slice(1)}</h3>{test.is_rejected ? <Badge tone="bad">Worse</Badge> : <Badge tone="good">Holds</Badge>}</div>
        <div className="row" style={{ gap: 24 }}>
          <div><div className="small muted">Version {challenger}</div><div className="figure num">{show(test.challenger, test.challenger_count)}</div></div>
          {champion !== undefined && <div><div className="small muted">Version {champion}</div><div className="figure num">{show(test.champion, test.champion_count)}</div></div>}
          <div className="grow right"><div className="small muted">p against {test.alpha}</div><div className="num">{number(Number(test.p_value.toPrecision(3)))}</div></div>
        </div>
        <p className="small soft wrap">{test.text}</p>
      </div>
    </section>
  )
}

export interface Seen { requests: number; p: Record<string, number> }

/** What the tests said at each look since the page was opened: the server keeps only the last. */
function useSeen(r: RolloutView | undefined): Seen[] {
  const kept = useRef<{ id: string; seen: Seen[] }>({ id: '', seen: [] })
  const [, redraw] = useState(0)
  useEffect(() => {
    if (!r) return
    if (kept.current.id !== r.id) kept.current = { id: r.id, seen: [] }
    const requests = r.steps.reduce((s, x) => s + x.challenger_requests, 0)
    if (kept.current.seen.at(-1)?.requests === requests) return
    kept.current.seen = [...kept.current.seen.slice(-2000), { requests, p: Object.fromEntries(r.tests.map((t) => [t.name, t.p_value])) }]
    redraw((n) => n + 1)
  }, [r])
  return kept.current.seen
}

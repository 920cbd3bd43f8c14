import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Activity, ArrowRight, Boxes, CircleCheck, CircleDashed } from 'lucide-react'
import { useState } from 'react'
import { home, maturity, steerRollout, type HomeView, type Maturity, type RunPart } from '../api/native'
import { Ago, Badge, Button, Card, Confirm, Duration, Ticks, Empty, Failure, Loading, Page, toast } from '../design'
import { count, duration, percent } from '../lib/format'
import { useTitle } from '../lib/hooks'
import { Link, to, withQuery } from '../lib/router'
import { Approval } from '../graph/TaskPanel'
import { RunState } from '../runs/status'
import '../graph/graph.css'
import './home.css'

export default function HomePage() {
  useTitle('Home')
  const view = useQuery(home())
  const level = useQuery(maturity())
  if (view.error && !view.data) return <Page title="Home"><Failure error={view.error} retry={view.refetch} /></Page>
  if (!view.data) return <Page title="Home"><Loading rows={10} /></Page>
  const { running, failed, ended, approvals, models, schedule } = view.data
  const waiting = models.filter((m) => m.rollout?.waits_for_approval)
  const isNew = running.length + ended.length + failed.length + models.length === 0
  return (
    <Page title="Home">
      {isNew ? (
        <div className="card">
          <Empty icon={<Activity size={19} />} title="Nothing has run yet" command="mlops run samples/churn">
            Run a pipeline, or point an MLflow client at this address. What runs, fails and serves appears here.
          </Empty>
        </div>
      ) : (
        <div className="home">
          <div className="stack">
            {(approvals.length > 0 || waiting.length > 0) && (
              <Card title="Waits for you">
                <div className="stack tight">
                  {approvals.map((a) => (
                    <div key={a.run.run_id + a.task} className="stack" style={{ gap: 4 }}>
                      <Link className="small" to={withQuery(to('runs', a.run.run_id), { tab: 'graph', task: a.task })}>{a.run.run_name} · {a.task}</Link>
                      <Approval run={a.run.run_id} task={a.task} message={a.message} role={a.role} />
                    </div>
                  ))}
                  {waiting.map((m) => <RolloutApproval key={m.name} model={m.name} version={m.rollout!.challenger} role={m.rollout!.role} why={m.rollout!.why} />)}
                </div>
              </Card>
            )}
            <Card flush title={<>Running {running.length > 0 && <span className="muted num">{running.length}</span>}</>}>
              {running.length === 0 ? <p className="quiet">Nothing is running.</p> : (
                <table className="table">
                  <tbody>
                    {running.map(({ run, total, done, now }) => (
                      <tr key={run.run_id}>
                        <td style={{ width: 20 }}><RunState status={run.status} iconOnly /></td>
                        <td><Link className="strong" to={to('runs', run.run_id)}>{run.run_name}</Link><div className="small muted ellipsis" style={{ maxWidth: 320 }}>{now.join(', ')}</div></td>
                        <td style={{ width: '34%', verticalAlign: 'middle' }}>
                          {total > 0 && <div className="row"><div className="bar grow" role="progressbar" aria-valuenow={done} aria-valuemax={total} aria-label="Tasks done"><span style={{ width: `${(done / total) * 100}%` }} /></div><span className="num small soft nowrap">{done} / {total}</span></div>}
                        </td>
                        <td className="right soft" style={{ verticalAlign: 'middle' }}><Duration from={run.start_time} /></td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )}
            </Card>
            {failed.length > 0 && <Card flush title="Failed in the last 7 days"><Runs runs={failed} withError /></Card>}
            <Card flush title="Recent pipeline runs" actions={<Link className="btn small ghost" to="/experiments">All experiments</Link>}>
              {ended.length === 0 ? <p className="quiet">No pipeline has run yet.</p> : <Runs runs={ended} />}
            </Card>
          </div>
          <div className="stack">
            <Card title="In Production" actions={<Link className="btn small ghost" to="/models">All models</Link>}>
              {models.length === 0 ? <p className="muted">No model is in Production.</p> : <div className="stack">{models.map((m) => <ModelHealth key={m.name} model={m} />)}</div>}
            </Card>
            <Card title="Ahead">
              {schedule.length === 0 ? <p className="muted">No schedule is set. Times of a policy’s <code>schedule</code> trigger appear here.</p> : (
                <ul className="stack tight">
                  {schedule.map((s) => (
                    <li key={s.model + s.trigger} className="row">
                      <Link className="grow ellipsis" to={to('policies', s.model)}>{s.model} · {s.trigger}</Link>
                      {s.is_paused ? <Badge tone="warn">Paused</Badge> : <span className="soft"><Ago time={s.at} /></span>}
                    </li>
                  ))}
                </ul>
              )}
            </Card>
            {level.data && <Level maturity={level.data} />}
          </div>
        </div>
      )}
    </Page>
  )
}

function Runs({ runs, withError }: { runs: RunPart[]; withError?: boolean }) {
  return (
    <table className="table">
      <tbody>
        {runs.map((r) => (
          <tr key={r.run_id}>
            <td style={{ width: 20 }}><RunState status={r.status} iconOnly /></td>
            <td><Link className="strong" to={to('runs', r.run_id)}>{r.run_name}</Link>{withError && r.error && <div className="small muted clamp">{r.error.message}</div>}</td>
            <td className="soft nowrap hide-narrow">{r.user}</td>
            <td className="right soft nowrap">{r.end_time ? duration(r.end_time - r.start_time) : ''}</td>
            <td className="right soft nowrap" style={{ width: 110 }}><Ago time={r.start_time} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function ModelHealth({ model }: { model: HomeView['models'][number] }) {
  const { stats } = model
  const asked = stats ? stats.succeeded + stats.failed : 0
  return (
    <div className="health">
      <div className="row">
        <Boxes size={15} aria-hidden style={{ color: 'var(--text-3)' }} />
        <Link className="strong grow ellipsis" to={to('models', model.name)}>{model.name}</Link>
        {model.version !== undefined && <Link to={to('models', model.name, 'versions', model.version)}><Badge tone="good">Version {model.version}</Badge></Link>}
      </div>
      <dl className="health-facts">
        <div><dt>Requests</dt><dd className="num">{asked.toLocaleString('en-US')}</dd></div>
        <div><dt>Errors</dt><dd className={`num${stats?.failed ? ' status bad' : ''}`}>{asked ? percent((stats?.failed ?? 0) / asked, 2) : '–'}</dd></div>
        <div><dt>Latency p50</dt><dd className="num">{stats?.latency_p50 != null ? `${stats.latency_p50.toFixed(2)} ms` : '–'}</dd></div>
        <div><dt>p99</dt><dd className="num">{stats?.latency_p99 != null ? `${stats.latency_p99.toFixed(1)} ms` : '–'}</dd></div>
      </dl>
      {model.rollout && (
        <Link className="health-rollout" to={to('models', model.name, 'rollout')}>
          <span className="grow">Version {model.rollout.challenger} takes {percent(model.rollout.traffic)} · step {model.rollout.step} of {model.rollout.steps}</span>
          <ArrowRight size={14} aria-hidden />
        </Link>
      )}
    </div>
  )
}

const levels = ['By hand', 'Pipelines', 'Continuous delivery', 'Continuous training']

function Level({ maturity }: { maturity: Maturity }) {
  return (
    <Card title="Maturity">
      <div className="levels" aria-label={`Level ${maturity.level} of 3: ${levels[maturity.level]}`}>
        {levels.map((name, i) => <div key={name} className={i <= maturity.level ? 'reached' : ''}><i />{name}</div>)}
      </div>
      {maturity.next_step ? (
        <div className="stack tight" style={{ marginTop: 12 }}>
          <div className="row top"><CircleDashed size={14} style={{ marginTop: 3, flex: 'none', color: 'var(--warn)' }} aria-hidden /><div><div className="strong">Next: {maturity.next_step.name}</div><div className="small soft"><Ticks text={maturity.next_step.next} /></div></div></div>
          <div className="small muted">{count(maturity.criteria.filter((c) => c.is_met).length, 'criterion', 'criteria')} of {maturity.criteria.length} met</div>
        </div>
      ) : <p className="row status good" style={{ marginTop: 12 }}><CircleCheck size={14} aria-hidden /> Everything is in place.</p>}
    </Card>
  )
}

export function RolloutApproval({ model, version, role, why }: { model: string; version: number; role?: string; why?: string }) {
  const client = useQueryClient()
  const [answer, setAnswer] = useState<boolean>()
  const [text, setText] = useState('')
  return (
    <>
      <div className="approval">
        <div className="grow"><Link className="strong" to={to('models', model, 'rollout')}>Roll out {model} version {version}?</Link>{role && <div className="small soft">Needs the role {role}.</div>}{why && <div className="small soft clamp">{why}</div>}</div>
        <Button small onClick={() => setAnswer(false)}>Reject</Button>
        <Button small look="primary" onClick={() => setAnswer(true)}>Approve</Button>
      </div>
      {answer !== undefined && (
        <Confirm title={answer ? `Approve the rollout of version ${version}?` : `Reject the rollout of version ${version}?`} action={answer ? 'Approve' : 'Reject'} danger={!answer} onClose={() => setAnswer(undefined)} onConfirm={async () => {
          await steerRollout(model, 'approve', { approve: answer, why: text || undefined, role })
          toast.good(answer ? 'Approved.' : 'Rejected.')
          await Promise.all(['home', 'rollout', 'rollouts', 'model'].map((k) => client.invalidateQueries({ queryKey: [k] })))
        }}>
          {why && <p className="soft">{why}</p>}
          <label className="field"><span>Reason</span><input className="input" autoFocus value={text} onChange={(e) => setText(e.target.value)} /></label>
        </Confirm>
      )}
    </>
  )
}

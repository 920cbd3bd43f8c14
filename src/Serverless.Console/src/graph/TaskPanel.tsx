import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Check, ScrollText, X } from 'lucide-react'
import { approveTask, type PipelineView, type TaskNode, type TaskView } from '../api/pipeline'
import { Badge, Button, Confirm, Copy, Fact, Facts, IconButton, Notice, toast } from '../design'
import { bytes, duration, number } from '../lib/format'
import { Link, setQuery, to, useQuery as useUrl, withQuery } from '../lib/router'
import { TaskState } from '../runs/status'

/** One task: why it ran or did not, what went in, what came out. */
export function TaskPanel({ view, path, node, records }: { view: PipelineView; path: string; node: TaskNode; records: TaskView[] }) {
  const [item, setItem] = useUrl('item', '0')
  const record = records[Math.min(Number(item) || 0, records.length - 1)]
  const state = record?.state ?? 'Pending'
  const run = view.run.run_id
  return (
    <aside className="task-panel" aria-label={`Task ${path}`}>
      <header>
        <h2 className="grow wrap">{path}</h2>
        <IconButton small label="Close" onClick={() => setQuery({ task: null })}><X size={15} /></IconButton>
      </header>
      <div className="stack">
        <div className="row wraps">
          <TaskState state={state} badge />
          {record?.is_cache_hit && <Badge>Cached</Badge>}
          {record && record.attempt > 1 && <Badge tone="warn">Attempt {record.attempt}</Badge>}
          {node.finally && <Badge outline>Finally</Badge>}
        </div>
        {records.length > 1 && (
          <label className="field">
            <span>Item</span>
            <select className="select small" value={item} onChange={(e) => setItem(e.target.value)}>
              {records.map((r, i) => <option key={r.path} value={i}>{r.path} · {r.state}</option>)}
            </select>
          </label>
        )}
        {node.description && <p className="soft">{node.description}</p>}
        {state === 'WaitingForApproval' && record && <Approval run={run} task={record.path} message={node.approval?.message} role={node.approval?.role} />}
        {record?.error && <Notice tone="bad" title={record.error.message}>{record.error.fix}</Notice>}
        <Notice tone={state === 'Failed' ? 'bad' : 'info'}>{why(node, record)}</Notice>
        {record && (
          <div className="row wraps">
            <Link className="btn small" to={to('runs', record.run_id)}>Open task</Link>
            <Link className="btn small" to={withQuery(to('runs', run), { tab: 'log', task: record.path })}><ScrollText size={13} /> Log</Link>
          </div>
        )}
        <Facts>
          {node.what && <Fact name={node.kind === 'command' ? 'Command' : 'Component'}><code className="wrap">{node.what}</code></Fact>}
          {node.when && <Fact name="Condition"><code className="wrap">{node.when}</code></Fact>}
          {record?.started_at && <Fact name="Duration">{duration((record.ended_at ?? Date.now()) - record.started_at)}</Fact>}
          {node.needs.length > 0 && <Fact name="Depends on">{node.needs.join(', ')}</Fact>}
          {node.retry_attempts && <Fact name="Attempts">up to {node.retry_attempts}</Fact>}
          {node.timeout_seconds && <Fact name="Time limit">{duration(node.timeout_seconds * 1000)}</Fact>}
          {record?.exit_code !== undefined && <Fact name="Exit code">{record.exit_code}</Fact>}
        </Facts>
        <Files title="Inputs" files={node.inputs.map((i) => ({ name: i.name, from: i.task ? `from ${i.task}` : 'from the pipeline’s folder' }))} />
        <Files
          title="Outputs"
          files={record?.artifacts?.length ? record.artifacts.map((a) => ({ name: a.name, from: bytes(a.size), link: withQuery(to('runs', run), { tab: 'artifacts', path: a.is_folder ? undefined : a.name }), digest: a.digest })) : node.outputs.map((o) => ({ name: o, from: '' }))}
        />
        <Map_ title="Metrics" entries={Object.entries(record?.metrics ?? {}).map(([k, v]) => [k, number(v)])} />
        <Map_ title="Values" entries={Object.entries(record?.values ?? {}).map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)])} />
        <Map_ title="Parameters" entries={Object.entries(record?.parameters ?? {}).map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)])} />
      </div>
    </aside>
  )
}

/** Why a task ran, or did not. */
function why(node: TaskNode, record: TaskView | undefined): string {
  if (!record) return node.finally ? 'It runs when all other tasks have ended.' : node.needs.length ? `It waits for ${node.needs.join(', ')}.` : 'It has not started yet.'
  if (record.reason) return record.reason
  switch (record.state) {
    case 'Succeeded':
      return record.is_cache_hit ? 'Nothing ran: the same component, parameters and inputs were recorded before.' : 'It ran, because no recorded result has this component, these parameters and these inputs.'
    case 'Failed':
      return record.attempt > 1 ? `It failed in all ${record.attempt} attempts.` : 'It failed.'
    case 'Skipped':
      return 'Its condition did not hold, or a task that it depends on did not succeed.'
    case 'Running':
      return 'It is running now.'
    case 'WaitingForApproval':
      return 'It starts when somebody approves it.'
    case 'Canceled':
      return 'It was canceled.'
    default:
      return 'It has not started yet.'
  }
}

export function Approval({ run, task, message, role }: { run: string; task: string; message?: string; role?: string }) {
  const client = useQueryClient()
  const [answer, setAnswer] = useState<boolean>()
  const [reason, setReason] = useState('')
  return (
    <>
      <div className="approval">
        <div className="grow">
          <div className="strong">{message ?? `Approve ${task}?`}</div>
          {role && <div className="small soft">Needs the role {role}.</div>}
        </div>
        <Button small onClick={() => setAnswer(false)}>Reject</Button>
        <Button small look="primary" icon={<Check size={13} />} onClick={() => setAnswer(true)}>Approve</Button>
      </div>
      {answer !== undefined && (
        <Confirm
          title={answer ? `Approve ${task}?` : `Reject ${task}?`}
          action={answer ? 'Approve' : 'Reject'}
          danger={!answer}
          onClose={() => setAnswer(undefined)}
          onConfirm={async () => {
            await approveTask(run, task, answer, reason, role)
            toast.good(answer ? `${task} is approved.` : `${task} is rejected.`)
            await Promise.all(['pipeline', 'home', 'run'].map((k) => client.invalidateQueries({ queryKey: [k] })))
          }}
        >
          {message && <p className="soft">{message}</p>}
          <label className="field"><span>Reason <span className="hint">(recorded with your answer)</span></span><input className="input" value={reason} onChange={(e) => setReason(e.target.value)} autoFocus /></label>
        </Confirm>
      )}
    </>
  )
}

function Files({ title, files }: { title: string; files: { name: string; from: string; link?: string; digest?: string }[] }) {
  if (files.length === 0) return null
  return (
    <section className="stack tight">
      <h3>{title}</h3>
      <ul className="stack" style={{ gap: 3 }}>
        {files.map((f) => (
          <li key={f.name} className="row small">
            <span className="ellipsis grow mono" title={f.name}>{f.link ? <Link to={f.link}>{f.name}</Link> : f.name}</span>
            <span className="muted nowrap">{f.from}</span>
            {f.digest && <Copy text={f.digest} label="Copy digest" />}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Map_({ title, entries }: { title: string; entries: [string, string][] }) {
  if (entries.length === 0) return null
  return (
    <section className="stack tight">
      <h3>{title}</h3>
      <dl className="task-values">
        {entries.map(([k, v]) => (
          <div key={k}><dt title={k}>{k}</dt><dd className="wrap">{v.length > 600 ? `${v.slice(0, 600)}…` : v}</dd></div>
        ))}
      </dl>
    </section>
  )
}

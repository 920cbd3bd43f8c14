import type { PipelineView } from '../api/pipeline'
import { Badge } from '../design'
import { duration } from '../lib/format'
import { useNow } from '../lib/hooks'
import { Link, to } from '../lib/router'
import { TaskState } from '../runs/status'

/** When which task ran: a bar a task, on the run's own time. */
export function Timeline({ view }: { view: PipelineView }) {
  const now = useNow()
  const known = new Map(view.tasks.map((t) => [t.path, t]))
  const pending = view.graph.filter((n) => !known.has(n.name) && ![...known.keys()].some((p) => p.startsWith(n.name + '/') || p.startsWith(n.name + '[')))
  const starts = view.tasks.flatMap((t) => t.started_at ?? [])
  const from = Math.min(view.run.start_time, ...starts)
  const to_ = view.run.end_time ?? now
  const span = Math.max(1, to_ - from)
  const tone = { Succeeded: 'var(--good)', Failed: 'var(--bad)', Running: 'var(--info)', WaitingForApproval: 'var(--warn)' } as Record<string, string>
  return (
    <table className="table timeline">
      <tbody>
        {view.tasks.map((t) => {
          const start = t.started_at ?? t.ended_at
          const end = t.ended_at ?? (t.state === 'Running' || t.state === 'WaitingForApproval' ? now : start)
          return (
            <tr key={t.path}>
              <td style={{ width: 22 }}><TaskState state={t.state} iconOnly /></td>
              <td className="ellipsis" style={{ maxWidth: 220 }}><Link to={to('runs', t.run_id)} className="strong">{t.path}</Link></td>
              <td className="track" aria-hidden>
                {start !== undefined && end !== undefined && <span style={{ left: `${((start - from) / span) * 100}%`, width: `max(3px, ${((end - start) / span) * 100}%)`, background: tone[t.state] ?? 'var(--line-strong)', opacity: t.is_cache_hit ? 0.35 : 1 }} />}
              </td>
              <td className="num right soft nowrap" style={{ width: 90 }}>{t.is_cache_hit ? <Badge>Cached</Badge> : t.state === 'Skipped' ? <span className="muted">Skipped</span> : duration(start !== undefined && end !== undefined ? end - start : undefined)}</td>
            </tr>
          )
        })}
        {pending.map((n) => (
          <tr key={n.name}>
            <td><TaskState state="Pending" iconOnly /></td>
            <td className="muted">{n.name}</td>
            <td className="track" aria-hidden />
            <td />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

import type { HistoryEntry } from '../api/native'
import { Ago, Badge } from '../design'
import { Link, to } from '../lib/router'

const runId = /\b[0-9a-f]{32}\b/

/** Who changed what, and why; the newest first. */
export function History({ name, entries }: { name: string; entries: HistoryEntry[] }) {
  return (
    <ol className="history">
      {entries.map((e, i) => {
        const run = runId.exec(e.by)?.[0]
        return (
          <li key={i}>
            <span className="history-dot" aria-hidden />
            <div className="grow">
              <div className="row wraps" style={{ gap: '2px 8px' }}>
                <span className="strong">{title(e)}</span>
                {e.version !== undefined && <Link to={to('models', name, 'versions', e.version)}>version {e.version}</Link>}
                {e.to && <span className="row" style={{ gap: 4 }}>{e.from && <Badge outline>{e.from}</Badge>}{e.from && '→'}<Badge tone={e.to === 'Production' ? 'good' : 'mute'}>{e.to}</Badge></span>}
              </div>
              {e.why && <p className="soft small wrap">{e.why}</p>}
              <p className="muted small">{run ? <>by <Link to={to('runs', run)}>{e.by.replace(run, run.slice(0, 8))}</Link></> : `by ${e.by}`} · <Ago time={e.timestamp} /></p>
            </div>
          </li>
        )
      })}
    </ol>
  )
}

const titles: Record<string, string> = {
  create: 'Created', register: 'Registered', transition: 'Stage changed', 'rollout.started': 'Rollout started', 'rollout.step': 'Rollout step', 'rollout.paused': 'Rollout paused',
  'rollout.resumed': 'Rollout resumed', 'rollout.promoted': 'Rollout promoted', 'rollout.rolled_back': 'Rolled back', 'rollout.aborted': 'Rollout aborted', 'rollout.reverted': 'Reverted',
  'rollout.waits_for_approval': 'Rollout waits for approval',
}

const title = (e: HistoryEntry) => titles[e.action] ?? (e.action.charAt(0).toUpperCase() + e.action.slice(1)).replace(/[._-]/g, ' ') + (e.what ? `: ${e.what}` : '')

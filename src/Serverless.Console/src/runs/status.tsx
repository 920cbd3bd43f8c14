import type { RunStatus } from '../api/mlflow'
import { Status, type Tone } from '../design'
import type { StatusIcon } from '../design/badge'

const looks: Record<RunStatus, [Tone, StatusIcon, string]> = {
  RUNNING: ['info', 'running', 'Running'],
  SCHEDULED: ['warn', 'waiting', 'Scheduled'],
  FINISHED: ['good', 'done', 'Finished'],
  FAILED: ['bad', 'failed', 'Failed'],
  KILLED: ['mute', 'stopped', 'Killed'],
}

export function RunState({ status, badge, iconOnly }: { status: RunStatus; badge?: boolean; iconOnly?: boolean }) {
  const [tone, icon, text] = looks[status] ?? ['mute', 'pending', status]
  return (
    <Status tone={tone} icon={icon} badge={badge} title={text}>
      {iconOnly ? <span className="sr">{text}</span> : text}
    </Status>
  )
}

const tasks: Record<string, [Tone, StatusIcon, string]> = {
  Pending: ['mute', 'pending', 'Pending'],
  WaitingForApproval: ['warn', 'waiting', 'Waits for approval'],
  Running: ['info', 'running', 'Running'],
  Succeeded: ['good', 'done', 'Succeeded'],
  Failed: ['bad', 'failed', 'Failed'],
  Skipped: ['mute', 'skipped', 'Skipped'],
  Canceled: ['mute', 'stopped', 'Canceled'],
}

export function TaskState({ state, badge, iconOnly }: { state: string; badge?: boolean; iconOnly?: boolean }) {
  const [tone, icon, text] = tasks[state] ?? ['mute', 'pending', state]
  return (
    <Status tone={tone} icon={icon} badge={badge} title={text}>
      {iconOnly ? <span className="sr">{text}</span> : text}
    </Status>
  )
}

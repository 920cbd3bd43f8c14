import { queryOptions } from '@tanstack/react-query'
import { get, post, query, apiUrl } from './http'
import { isActive, live, type RunStatus } from './mlflow'

export type TaskStateName = 'Pending' | 'WaitingForApproval' | 'Running' | 'Succeeded' | 'Failed' | 'Skipped' | 'Canceled'

export interface RecordedError {
  code: string
  message: string
  fix?: string
}

/** A node of the graph as it was submitted. */
export interface TaskNode {
  name: string
  description?: string
  /** What it runs: a component's name, a command, or an inner graph. */
  kind: 'component' | 'command' | 'graph'
  what?: string
  needs: string[]
  when?: string
  finally?: boolean
  loop?: boolean
  approval?: { message?: string; role?: string; deadline_seconds?: number }
  retry_attempts?: number
  timeout_seconds?: number
  inputs: { name: string; task?: string; output?: string; source?: string }[]
  outputs: string[]
  tasks?: TaskNode[]
}

/** What is recorded of a task's last attempt. */
export interface TaskView {
  path: string
  run_id: string
  state: TaskStateName
  attempt: number
  started_at?: number
  ended_at?: number
  is_cache_hit?: boolean
  has_log?: boolean
  reason?: string
  exit_code?: number
  error?: RecordedError
  parameters?: Record<string, unknown>
  metrics?: Record<string, number | string>
  values?: Record<string, unknown>
  artifacts?: { name: string; digest: string; size?: number; is_folder?: boolean }[]
  approved?: { is_yes: boolean; by?: string; reason?: string; time?: number }
}

export interface PipelineView {
  run: { run_id: string; run_name: string; experiment_id: string; status: RunStatus; start_time: number; end_time?: number; generation: number; error?: RecordedError }
  pipeline: string
  description?: string
  warnings?: string[]
  parameters: Record<string, unknown>
  graph: TaskNode[]
  tasks: TaskView[]
}

const at = (id: string) => `api/2.0/serverless/runs/${encodeURIComponent(id)}/`

/** A client's run has no graph. */
export type RunView = PipelineView | (Pick<PipelineView, 'run'> & { graph?: undefined })

export const pipelineView = (id: string, enabled: boolean, paused = false) =>
  queryOptions({
    queryKey: ['pipeline', id],
    enabled,
    queryFn: ({ signal }) => get<RunView>(at(id) + 'pipeline', {}, signal),
    refetchInterval: (state) => (paused ? false : live(state.state.data ? isActive(state.state.data.run.status) : false)),
  })

export interface LogPart {
  task: string
  offset: number
  next_offset: number
  text: string
  is_ended: boolean
}

export const readLog = (id: string, task: string | undefined, offset: number, signal?: AbortSignal) => get<LogPart>(at(id) + 'log', { task, offset }, signal)

export const cancelRun = (id: string, reason: string) => post(at(id) + 'cancel', { reason })
export const retryRun = (id: string) => post(at(id) + 'retry')
export const rerun = (id: string, params: Record<string, unknown>) => post<{ run_id: string }>(at(id) + 'rerun', { params })
export const approveTask = (id: string, task: string, approve: boolean, reason: string, role?: string) => post(at(id) + 'approve', { task, approve, reason, role })

/** An artifact shown by the server in a page of its own origin-less sandbox. */
export const viewUrl = (id: string, path: string, scripts = false): string => apiUrl(at(id) + 'view' + query({ path, scripts: scripts ? '1' : undefined }))

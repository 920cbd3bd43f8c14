import { queryOptions } from '@tanstack/react-query'
import { get, post, send, apiUrl, query } from './http'
import type { RunStatus } from './mlflow'

export interface Workspace {
  name: string
  creation_timestamp?: number
  created_by?: string
}

export const workspaces = () =>
  queryOptions({
    queryKey: ['workspaces'],
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await get<{ workspaces: Workspace[] }>('api/2.0/serverless/workspaces', {}, signal)).workspaces,
  })

// Home

export interface RunPart {
  run_id: string
  run_name: string
  experiment_id: string
  status: RunStatus
  start_time: number
  end_time?: number
  pipeline?: string
  user?: string
  error?: { code: string; message: string; fix?: string }
}

export interface HomeView {
  running: { run: RunPart; total: number; done: number; now: string[] }[]
  failed: RunPart[]
  ended: RunPart[]
  approvals: { run: RunPart; task: string; message?: string; role?: string }[]
  models: {
    name: string
    version?: number
    run_id?: string
    stats?: VersionStats
    rollout?: { state: string; challenger: number; step: number; steps: number; traffic: number; role?: string; why?: string; waits_for_approval: boolean }
  }[]
  schedule: { at: number; model: string; trigger: string; is_paused: boolean }[]
}

export const home = () =>
  queryOptions({
    queryKey: ['home'],
    queryFn: ({ signal }) => get<HomeView>('api/2.0/serverless/home', {}, signal),
    refetchInterval: (q) => (q.state.data && (q.state.data.running.length > 0 || q.state.data.models.some((m) => m.rollout)) ? 2000 : false),
  })

export interface Maturity {
  level: number
  level_name: string
  next_step?: Criterion
  criteria: Criterion[]
}

export interface Criterion {
  level: number
  name: string
  is_met: boolean
  evidence: string
  next: string
}

export const maturity = () => queryOptions({ queryKey: ['maturity'], staleTime: 60_000, queryFn: ({ signal }) => get<Maturity>('api/2.0/serverless/maturity', {}, signal) })

// Models

export interface HistoryEntry {
  timestamp: number
  by: string
  action: string
  version?: number
  what?: string
  from?: string
  to?: string
  why?: string
}

export const modelHistory = (name: string) =>
  queryOptions({ queryKey: ['model', name, 'history'], queryFn: async ({ signal }) => (await get<{ history: HistoryEntry[] }>('api/2.0/serverless/registered-models/history', { name }, signal)).history })

export const modelCard = (name: string, version: string) =>
  queryOptions({ queryKey: ['model', name, version, 'card'], staleTime: 60_000, queryFn: async ({ signal }) => (await get<{ card: string }>('api/2.0/serverless/model-versions/card', { name, version }, signal)).card })

export interface SignatureColumn {
  name?: string
  type: string
  required?: boolean
}

export interface Signature {
  inputs: SignatureColumn[]
  outputs: SignatureColumn[]
  flavors: string[]
}

/** The file MLmodel is YAML, but a signature stands in it as one line of JSON in single quotes. */
export function readSignature(mlmodel: string): Signature {
  const part = (name: string): SignatureColumn[] => {
    const m = new RegExp(`^ {2}${name}: '(.*)'\\s*$`, 'm').exec(mlmodel)
    if (!m) return []
    try {
      return JSON.parse(m[1]!.replace(/''/g, "'")) as SignatureColumn[]
    } catch {
      return []
    }
  }
  const flavors = /^flavors:\n((?: .*\n?)*)/m.exec(mlmodel)?.[1] ?? ''
  return { inputs: part('inputs'), outputs: part('outputs'), flavors: [...flavors.matchAll(/^ {2}(\w+):/gm)].map((m) => m[1]!) }
}

export const signature = (name: string, version: string) =>
  queryOptions({
    queryKey: ['model', name, version, 'signature'],
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }) => readSignature(await (await send('model-versions/get-artifact' + query({ name, version, path: 'MLmodel' }), { signal })).text()),
  })

export interface InputExample {
  columns: string[]
  data: unknown[][]
}

export const inputExample = (name: string, version: string) =>
  queryOptions({
    queryKey: ['model', name, version, 'example'],
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }) => JSON.parse(await (await send('model-versions/get-artifact' + query({ name, version, path: 'input_example.json' }), { signal })).text()) as InputExample,
  })

export interface Prediction {
  predictions: unknown[]
  version: string | null
}

export async function predict(name: string, version: string, record: Record<string, unknown>): Promise<Prediction> {
  const response = await send(`models/${encodeURIComponent(name)}/invocations` + query({ version }), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ dataframe_records: [record] }),
  })
  return { ...((await response.json()) as { predictions: unknown[] }), version: response.headers.get('X-Model-Version') }
}

export interface VersionStats {
  version: number
  succeeded: number
  rejected: number
  failed: number
  rows: number
  latency_p50?: number
  latency_p99?: number
  last_error?: string
}

export const modelStats = (name: string) =>
  queryOptions({ queryKey: ['model', name, 'stats'], queryFn: ({ signal }) => get<{ versions: VersionStats[] }>(`models/${encodeURIComponent(name)}/stats`, {}, signal) })

export interface Quality {
  is_logged: boolean
  versions: {
    version: number
    rows: number
    labelled: number
    mean_score?: number
    metrics?: Record<string, number>
    estimate?: { note?: string; rows?: number; metrics?: Record<string, { value: number; low: number; high: number }> }
  }[]
}

export const quality = (name: string, hours: number) =>
  queryOptions({ queryKey: ['model', name, 'quality', hours], staleTime: 30_000, queryFn: ({ signal }) => get<Quality>(`models/${encodeURIComponent(name)}/quality`, { hours }, signal) })

// Rollouts

export interface RolloutTest {
  name: string
  p_value: number
  alpha: number
  champion: number
  challenger: number
  champion_count: number
  challenger_count: number
  unit: string
  text: string
  is_rejected: boolean
}

export interface RolloutView {
  id: string
  model: string
  state: string
  champion?: number
  challenger: number
  step: number
  traffic: number
  steps: { traffic: number; bake_seconds: number; started_at?: string; champion_requests: number; champion_errors: number; challenger_requests: number; challenger_errors: number }[]
  started_at: string
  ended_at?: string
  by: string
  why?: string
  reason?: string
  approval_role?: string
  approval_deadline?: string
  approved_by?: string
  tests: RolloutTest[]
  alerts: string[]
}

export const isOpenRollout = (state: string): boolean => state === 'running' || state === 'paused' || state === 'waiting_for_approval'

const ofModel = (name: string) => `models/${encodeURIComponent(name)}/`

export const rollout = (name: string) =>
  queryOptions({
    queryKey: ['rollout', name],
    retry: false,
    queryFn: ({ signal }) => get<RolloutView>(ofModel(name) + 'rollout', {}, signal),
    refetchInterval: (q) => (q.state.data && isOpenRollout(q.state.data.state) ? 2000 : false),
  })

export const rollouts = (name: string) =>
  queryOptions({ queryKey: ['rollouts', name], retry: false, queryFn: async ({ signal }) => (await get<{ rollouts: RolloutView[] }>(ofModel(name) + 'rollouts', {}, signal)).rollouts })

export const steerRollout = (name: string, verb: string, body: Record<string, unknown>) => post(ofModel(name) + 'rollout' + (verb ? `/${verb}` : ''), body)

// Data

export interface Dataset {
  name: string
  last_version: number
  created_at: string
  updated_at: string
}

export interface DatasetVersion {
  number: number
  digest: string
  branch?: string
  parent?: number
  size: number
  file_count: number
  file?: string
  rows?: number
  message?: string
  by?: string
  at: string
}

export interface Upload {
  key: string
  file: string
  uploaded_at: string
  state: string
  reason?: string
  rows?: number
  version?: number
  drift?: { model: string; trigger: string; has_drifted: boolean; share: number; threshold: number; columns: number; drifted_columns: number; names: string[]; reference: string; report?: string }[]
}

const data = (path: string) => `api/2.0/data/${path}`

export const datasets = () => queryOptions({ queryKey: ['datasets'], queryFn: async ({ signal }) => (await get<{ datasets: Dataset[] }>(data('datasets'), {}, signal)).datasets })

export const dataset = (name: string) =>
  queryOptions({
    queryKey: ['dataset', name],
    queryFn: ({ signal }) =>
      get<{ dataset: Dataset; branches: { name: string; head: number; updated_at: string }[]; tags: { name: string; version: number }[] }>(data(`datasets/${encodeURIComponent(name)}`), {}, signal),
  })

export const datasetVersions = (name: string) =>
  queryOptions({
    queryKey: ['dataset', name, 'versions'],
    queryFn: async ({ signal }) => (await get<{ versions: DatasetVersion[] }>(data(`datasets/${encodeURIComponent(name)}/versions`), { max_results: 200 }, signal)).versions,
  })

export const datasetFiles = (name: string, version: number) =>
  queryOptions({
    queryKey: ['dataset', name, version, 'files'],
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await get<{ files: { path: string; md5: string }[] }>(data(`datasets/${encodeURIComponent(name)}/versions/${version}/files`), { max_results: 1000 }, signal)).files,
  })

export const datasetFileUrl = (name: string, version: number, path: string): string =>
  apiUrl(data(`datasets/${encodeURIComponent(name)}/versions/${version}/files/${path.split('/').map(encodeURIComponent).join('/')}`))

export interface Lineage {
  made_by: { run_id: string; task: string; name: string; at: string }[]
  used_by: { run_id: string; task: string; name: string; at: string }[]
  models: { name: string; version: number; stage?: string; run_id: string }[]
}

export const lineage = (name: string, version: number) =>
  queryOptions({ queryKey: ['dataset', name, version, 'lineage'], queryFn: ({ signal }) => get<Lineage>(data(`datasets/${encodeURIComponent(name)}/versions/${version}/lineage`), {}, signal) })

export interface FileDiff {
  added: { path: string }[]
  removed: { path: string }[]
  modified: { path: string }[]
  renamed: { path: string; old_path?: string }[]
}

export const datasetDiff = (name: string, from: number, to: number) =>
  queryOptions({ queryKey: ['dataset', name, 'diff', from, to], staleTime: Infinity, queryFn: ({ signal }) => get<FileDiff>(data(`datasets/${encodeURIComponent(name)}/diff`), { from, to }, signal) })

export const uploads = (name: string) =>
  queryOptions({
    queryKey: ['uploads', name],
    queryFn: async ({ signal }) => (await get<{ uploads: Upload[] }>(`api/2.0/inbox/${encodeURIComponent(name)}`, {}, signal)).uploads,
  })

export const dropFile = async (name: string, file: File) => {
  await send(`api/2.0/inbox/${encodeURIComponent(name)}` + query({ file: file.name }), { method: 'POST', body: file })
}

export interface DriftReport {
  drift_share: number
  number_of_columns: number
  number_of_drifted_columns: number
  drift_by_columns: Record<string, { column_name: string; drift_score: number; drift_detected: boolean; p_value?: number; stattest_name: string }>
}

export const driftReport = (path: string) =>
  queryOptions({
    queryKey: ['drift', path],
    staleTime: Infinity,
    queryFn: ({ signal }) => get<DriftReport>(`api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}.json`, {}, signal),
  })

export const reportUrl = (path: string): string => apiUrl('api/2.0/serverless/reports/view' + query({ path: `${path}.html` }))

// Policies

export interface PolicyState {
  model: string
  revision: number
  paused?: { by: string; at: string; reason?: string }
  active?: { run_id: string; trigger: string; why: string; decided_at: string }
  pending: { event_key: string; trigger: string; why: string; since: string }[]
  windows: Record<string, { event_key: string; has_drifted: boolean; share: number }[]>
  slots: Record<string, string>
  starts: string[]
  ended_at?: string
  trained: Record<string, number>
  decisions: number
}

export interface PolicyRevision {
  model: string
  revision: number
  text: string
  file: string
  digest: string
  applied_by: string
  applied_at: string
  came_with_run?: boolean
}

export interface Decision {
  time: string
  trigger: string
  outcome: string
  looked_at: string
  why: string
  run_id?: string
  upshot?: string
  version?: number
  report?: string
  times?: number
  last_time?: string
}

const policyAt = (model: string) => `api/2.0/policies/${encodeURIComponent(model)}`

export const policies = () => queryOptions({ queryKey: ['policies'], queryFn: async ({ signal }) => (await get<{ policies: PolicyState[] }>('api/2.0/policies', {}, signal)).policies })

export const policy = (model: string) =>
  queryOptions({
    queryKey: ['policy', model],
    queryFn: ({ signal }) => get<{ policy: PolicyRevision; state: PolicyState }>(policyAt(model), {}, signal),
    refetchInterval: (q) => (q.state.data?.state.active ? 2000 : false),
  })

export const decisions = (model: string) =>
  queryOptions({ queryKey: ['policy', model, 'decisions'], queryFn: async ({ signal }) => (await get<{ decisions: Decision[] }>(policyAt(model) + '/decisions', { max_results: 200 }, signal)).decisions })

export const revisions = (model: string) =>
  queryOptions({ queryKey: ['policy', model, 'history'], queryFn: async ({ signal }) => (await get<{ revisions: PolicyRevision[] }>(policyAt(model) + '/history', {}, signal)).revisions })

export const pausePolicy = (model: string, reason: string) => post(policyAt(model) + '/pause', { reason })
export const resumePolicy = (model: string) => post(policyAt(model) + '/resume', {})
export const trainNow = (model: string, params: Record<string, unknown>) => post<{ run_id: string }>(policyAt(model) + '/train', { params, request_id: crypto.randomUUID?.() ?? String(Math.random()).slice(2) })
export const savePolicy = async (model: string, text: string) => {
  await send(policyAt(model), { method: 'PUT', headers: { 'Content-Type': 'application/yaml' }, body: text })
}

// Settings

export interface Settings {
  version: string
  workspace: string
  user: string
  workspace_policy: string
  admins: string[]
  masks_secrets: boolean
  logs_predictions: boolean
  prediction_days: number
  event_days: number
  roles: { name: string; members: string[] }[]
  hooks: { name: string; repository: string; branches: string[]; paths: string[]; pipeline: string; model?: string }[]
}

export const settings = () => queryOptions({ queryKey: ['settings'], queryFn: ({ signal }) => get<Settings>('api/2.0/serverless/settings', {}, signal) })
export const setRole = (role: string, members: string[]) => post(`api/2.0/serverless/roles/${encodeURIComponent(role)}`, { members }, 'PUT')
export const createWorkspace = (name: string) => post('api/2.0/serverless/workspaces', { name })

export interface Trash {
  models: { name: string; version?: number; deleted_timestamp: number }[]
  artifacts: { id: string; path: string; deleted_timestamp: number; by?: string; files: number; bytes: number }[]
}

export const trash = () =>
  queryOptions({
    queryKey: ['trash'],
    queryFn: async ({ signal }): Promise<Trash> => {
      const [models, files] = await Promise.all([
        get<{ deleted: Trash['models'] }>('api/2.0/serverless/registered-models/trash', {}, signal),
        get<{ deleted: Trash['artifacts'] }>('api/2.0/serverless/artifacts/trash', {}, signal),
      ])
      return { models: models.deleted ?? [], artifacts: files.deleted ?? [] }
    },
  })

export const restoreModel = (name: string, version?: number) =>
  version ? post('api/2.0/serverless/model-versions/restore', { name, version: String(version) }) : post('api/2.0/serverless/registered-models/restore', { name })
export const restoreArtifact = (id: string) => post('api/2.0/serverless/artifacts/restore', { id })

export interface Alerts {
  pending: AlertDelivery[]
  ended: AlertDelivery[]
}

export interface AlertDelivery {
  id: string
  event: string
  time: string
  text: string
  target: string
  attempts: number
  delivered_at?: string
  error?: string
}

export const alerts = () => queryOptions({ queryKey: ['alerts'], queryFn: ({ signal }) => get<Alerts>('alerts', {}, signal) })

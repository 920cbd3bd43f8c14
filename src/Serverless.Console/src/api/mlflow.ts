import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { get, post } from './http'

// The part of MLflow's REST API that the console uses, by its own names.

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'

export interface KeyValue {
  key: string
  value: string
}

export interface Metric {
  key: string
  value: number | string
  timestamp: number
  step: number
}

export interface RunInfo {
  run_id: string
  run_name: string
  experiment_id: string
  user_id?: string
  status: RunStatus
  start_time?: number
  end_time?: number
  artifact_uri: string
  lifecycle_stage: 'active' | 'deleted'
}

export interface Run {
  info: RunInfo
  data: { params?: KeyValue[]; metrics?: Metric[]; tags?: KeyValue[] }
  inputs?: { dataset_inputs?: { dataset: { name: string; digest: string; source_type?: string; source?: string; profile?: string }; tags?: KeyValue[] }[] }
}

export interface Experiment {
  experiment_id: string
  name: string
  artifact_location: string
  lifecycle_stage: 'active' | 'deleted'
  creation_time?: number
  last_update_time?: number
  tags?: KeyValue[]
}

export interface FileInfo {
  path: string
  is_dir: boolean
  file_size?: number
}

export interface ModelVersion {
  name: string
  version: string
  creation_timestamp: number
  last_updated_timestamp?: number
  user_id?: string
  current_stage: string
  description?: string
  source?: string
  run_id?: string
  status?: string
  aliases?: string[]
  tags?: KeyValue[]
}

export interface RegisteredModel {
  name: string
  creation_timestamp: number
  last_updated_timestamp: number
  description?: string
  latest_versions?: ModelVersion[]
  aliases?: { alias: string; version: string }[]
  tags?: KeyValue[]
}

const v2 = 'api/2.0/mlflow/'

export const isActive = (status: RunStatus): boolean => status === 'RUNNING' || status === 'SCHEDULED'

/** How often a view looks again: every two seconds while something runs, not at all otherwise. */
export const live = (active: boolean): number | false => (active ? 2000 : false)

export const experiments = (view: 'ACTIVE_ONLY' | 'DELETED_ONLY' = 'ACTIVE_ONLY') =>
  queryOptions({
    queryKey: ['experiments', view],
    queryFn: async ({ signal }) => {
      const all: Experiment[] = []
      let token: string | undefined
      do {
        const page = await get<{ experiments?: Experiment[]; next_page_token?: string }>(
          v2 + 'experiments/search',
          { max_results: 1000, view_type: view, page_token: token, order_by: ['last_update_time DESC'] },
          signal,
        )
        all.push(...(page.experiments ?? []))
        token = page.next_page_token
      } while (token && all.length < 5000)
      return all
    },
  })

export const experiment = (id: string) =>
  queryOptions({
    queryKey: ['experiment', id],
    queryFn: async ({ signal }) => (await get<{ experiment: Experiment }>(v2 + 'experiments/get', { experiment_id: id }, signal)).experiment,
  })

export interface RunQuery {
  experimentIds: string[]
  filter?: string
  view?: 'ACTIVE_ONLY' | 'DELETED_ONLY'
  orderBy?: string[]
  most?: number
}

/** Runs of experiments, page after page up to a limit; `more` says that there are others. */
export const runs = (q: RunQuery) =>
  queryOptions({
    queryKey: ['runs', q],
    queryFn: async ({ signal }) => {
      const all: Run[] = []
      const most = q.most ?? 1000
      let token: string | undefined
      do {
        const page = await post<{ runs?: Run[]; next_page_token?: string }>(
          v2 + 'runs/search',
          {
            experiment_ids: q.experimentIds,
            filter: q.filter ?? '',
            run_view_type: q.view ?? 'ACTIVE_ONLY',
            max_results: Math.min(most, 1000),
            order_by: q.orderBy ?? [],
            page_token: token,
          },
          'POST',
          signal,
        )
        all.push(...(page.runs ?? []))
        token = page.next_page_token
      } while (token && all.length < most)
      return { runs: all, more: !!token }
    },
    refetchInterval: (state) => live(state.state.data?.runs.some((r) => isActive(r.info.status)) ?? false),
    placeholderData: keepPreviousData,
  })

export const run = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: async ({ signal }) => (await get<{ run: Run }>(v2 + 'runs/get', { run_id: id }, signal)).run,
    refetchInterval: (state) => live(state.state.data ? isActive(state.state.data.info.status) : false),
  })

export const artifacts = (runId: string, path: string) =>
  queryOptions({
    queryKey: ['artifacts', runId, path],
    queryFn: async ({ signal }) => {
      const files: FileInfo[] = []
      let token: string | undefined
      do {
        const page = await get<{ files?: FileInfo[]; next_page_token?: string }>(v2 + 'artifacts/list', { run_id: runId, path, page_token: token }, signal)
        files.push(...(page.files ?? []))
        token = page.next_page_token
      } while (token && files.length < 5000)
      return files
    },
  })

export const deleteRun = (id: string) => post(v2 + 'runs/delete', { run_id: id })
export const restoreRun = (id: string) => post(v2 + 'runs/restore', { run_id: id })
export const setRunTag = (id: string, key: string, value: string) => post(v2 + 'runs/set-tag', { run_id: id, key, value })
export const deleteRunTag = (id: string, key: string) => post(v2 + 'runs/delete-tag', { run_id: id, key })
export const renameRun = (id: string, name: string) => post(v2 + 'runs/update', { run_id: id, run_name: name })

export const registeredModels = () =>
  queryOptions({
    queryKey: ['models'],
    queryFn: async ({ signal }) => {
      const all: RegisteredModel[] = []
      let token: string | undefined
      do {
        const page = await get<{ registered_models?: RegisteredModel[]; next_page_token?: string }>(
          v2 + 'registered-models/search',
          { max_results: 1000, page_token: token },
          signal,
        )
        all.push(...(page.registered_models ?? []))
        token = page.next_page_token
      } while (token && all.length < 5000)
      return all
    },
  })

export const registeredModel = (name: string) =>
  queryOptions({
    queryKey: ['model', name],
    queryFn: async ({ signal }) => (await get<{ registered_model: RegisteredModel }>(v2 + 'registered-models/get', { name }, signal)).registered_model,
  })

export const modelVersions = (name: string) =>
  queryOptions({
    queryKey: ['model', name, 'versions'],
    queryFn: async ({ signal }) =>
      (
        await get<{ model_versions?: ModelVersion[] }>(
          v2 + 'model-versions/search',
          { filter: `name = '${name.replace(/'/g, "\\'")}'`, max_results: 1000, order_by: ['version_number DESC'] },
          signal,
        )
      ).model_versions ?? [],
  })

export const setStage = (name: string, version: string, stage: string, comment: string, archive: boolean) =>
  post(v2 + 'model-versions/transition-stage', { name, version, stage, comment, archive_existing_versions: archive && (stage === 'Production' || stage === 'Staging') })
export const setAlias = (name: string, alias: string, version: string) => post(v2 + 'registered-models/alias', { name, alias, version })
export const deleteAlias = (name: string, alias: string) => post(v2 + 'registered-models/alias', { name, alias }, 'DELETE')

/** Tags as a map. */
export const tagMap = (pairs: KeyValue[] | undefined): Map<string, string> => new Map((pairs ?? []).map((p) => [p.key, p.value]))

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { live } from './mlflow'
import { get } from './http'
import type { Point } from '../charts/series'

interface Answer {
  series: { run_id: string; key: string; steps: number[]; times: number[]; values: (number | string | null)[] }[]
}

/** The courses of metrics: run → key → points. One request for a whole page of charts. */
export const histories = (runIds: string[], keys: string[], active: boolean) =>
  queryOptions({
    queryKey: ['histories', runIds, keys],
    placeholderData: keepPreviousData,
    staleTime: active ? 1000 : 60_000,
    refetchInterval: live(active),
    enabled: runIds.length > 0 && keys.length > 0,
    queryFn: async ({ signal }) => {
      const { series } = await get<Answer>('api/2.0/serverless/metrics/series', { run_id: runIds, key: keys, points: 1500 }, signal)
      const found = new Map<string, Map<string, Point[]>>()
      for (const s of series) {
        const points = s.values.map((v, i) => ({ step: s.steps[i]!, time: s.times[i]!, value: v === null ? NaN : Number(v) }))
        const run = found.get(s.run_id) ?? new Map<string, Point[]>()
        run.set(s.key, points)
        found.set(s.run_id, run)
      }
      return found
    },
  })

import { expect, it } from 'vitest'
import type { Run } from '../api/mlflow'
import { columnsOf, compareValues, flat, groupBy, nest, toCsv } from './model'

const run = (id: string, parent?: string, params: Record<string, string> = {}, metrics: Record<string, number | string> = {}): Run => ({
  info: { run_id: id, run_name: id, experiment_id: '1', status: 'FINISHED', start_time: 1, end_time: 2, artifact_uri: '', lifecycle_stage: 'active' },
  data: {
    tags: parent ? [{ key: 'mlflow.parentRunId', value: parent }] : [],
    params: Object.entries(params).map(([key, value]) => ({ key, value })),
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, step: 0, timestamp: 0 })),
  },
})

it('hangs nested runs under their parents, and lets go of circles and of parents that are not there', () => {
  const rows = nest([run('a'), run('b', 'a'), run('c', 'b'), run('d', 'gone'), run('x', 'y'), run('y', 'x')])
  expect(flat(rows).map((r) => r.id).sort()).toEqual(['a', 'b', 'c', 'd', 'x', 'y'])
  expect(rows.find((r) => r.id === 'a')!.children[0]!.children[0]!.id).toBe('c')
  expect(rows.some((r) => r.id === 'd')).toBe(true)
})

it('groups by a value, with means that pass over NaN', () => {
  const rows = nest([run('a', undefined, { k: '1' }, { m: 1 }), run('b', undefined, { k: '1' }, { m: 'NaN' }), run('c', undefined, { k: '2' }, { m: 5 })])
  const groups = groupBy(rows, columnsOf(rows).find((c) => c.id === 'params.k')!)
  expect(groups.map((g) => [g.name, g.children.length, g.metrics.get('m')])).toEqual([['1', 2, 1], ['2', 1, 5]])
})

it('compares texts that are numbers as numbers', () => {
  expect(['10', '9', '1e-3'].sort(compareValues)).toEqual(['1e-3', '9', '10'])
})

it('writes CSV that no spreadsheet takes for a formula', () => {
  const rows = nest([run('a', undefined, { p: '=1+1', q: 'a,"b"', n: '-1' })])
  const csv = toCsv(rows, columnsOf(rows).filter((c) => c.kind === 'params'))
  expect(csv).toContain("'=1+1")
  expect(csv).toContain('"a,""b"""')
  expect(csv).toContain(',-1,')
})

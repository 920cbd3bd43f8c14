import { expect, it } from 'vitest'
import { importance, spearman } from './importance'
import { band, place, sections, smooth } from './series'

it('smooths without leaning towards zero, and passes over NaN', () => {
  expect(smooth([[0, 5], [1, 5], [2, NaN], [3, 5]], 0.9).map((p) => p[1])).toEqual([5, 5, NaN, 5])
  const [, second] = smooth([[0, 0], [1, 1]], 0.5)
  expect(second![1]).toBeCloseTo(1 / 1.5)
})

it('places points at their step metric, as it was at that step', () => {
  const points = [0, 1, 2, 3].map((s) => ({ step: s, time: s, value: s * 10 }))
  const epochs = [{ step: 1, time: 0, value: 1 }, { step: 3, time: 0, value: 2 }]
  expect(place(points, 'metric', epochs)).toEqual([[1, 10], [1, 20], [2, 30]])
})

it('makes a band of several curves on the union of their steps', () => {
  expect(band([[[0, 1], [1, 2]], [[0, 3]]])).toEqual([{ x: 0, mean: 2, low: 1, high: 3 }, { x: 1, mean: 2, low: 2, high: 2 }])
})

it('sections metrics by their prefix, the system last', () => {
  expect(sections(['val/b', 'system/gpu', 'a', 'val/a']).map(([s, k]) => [s, k])).toEqual([['', ['a']], ['val', ['val/a', 'val/b']], ['system', ['system/gpu']]])
})

it('finds the parameter that a metric depends on', () => {
  const samples = Array.from({ length: 60 }, (_, i) => ({ params: new Map([['x', String(i % 10)], ['noise', String((i * 7) % 13)]]), target: (i % 10) ** 2 }))
  const [first, second] = importance(samples)
  expect(first!.name).toBe('x')
  expect(first!.importance).toBeGreaterThan(0.9)
  expect(first!.correlation).toBeCloseTo(1)
  expect(Math.abs(second!.correlation)).toBeLessThan(0.4)
  expect(spearman([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1)
})

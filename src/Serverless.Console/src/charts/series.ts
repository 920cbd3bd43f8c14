// Plain arithmetic of curves: no chart, no request.

export interface Point {
  step: number
  time: number
  value: number
}

export interface Curve {
  /** [x, y] with NaN where there is no number. */
  points: [number, number][]
}

export type XAxis = 'step' | 'relative' | 'wall' | 'metric'

/** Exponential smoothing that starts at the first value without leaning towards zero (as TensorBoard does it). NaN is passed over. */
export function smooth(points: [number, number][], weight: number): [number, number][] {
  if (weight <= 0) return points
  let last = 0
  let mass = 0
  return points.map(([x, y]) => {
    if (!Number.isFinite(y)) return [x, y]
    last = last * weight + (1 - weight) * y
    mass = mass * weight + (1 - weight)
    return [x, last / mass]
  })
}

/** Puts points on the axis that is asked for; by a step metric, each point stands at that metric's last value up to its step. */
export function place(points: Point[], x: XAxis, stepMetric?: Point[]): [number, number][] {
  if (x === 'step') return points.map((p) => [p.step, p.value])
  if (x === 'wall') return points.map((p) => [p.time, p.value])
  if (x === 'relative') {
    const start = points[0]?.time ?? 0
    return points.map((p) => [(p.time - start) / 1000, p.value])
  }
  const by = stepMetric ?? []
  let i = -1
  const placed: [number, number][] = []
  for (const p of points) {
    while (i + 1 < by.length && by[i + 1]!.step <= p.step) i++
    if (i >= 0 && Number.isFinite(by[i]!.value)) placed.push([by[i]!.value, p.value])
  }
  return placed.sort((a, b) => a[0] - b[0])
}

/** The mean of several curves with the lowest and highest at each x, on the union of their x. */
export function band(curves: [number, number][][]): { x: number; mean: number; low: number; high: number }[] {
  const at = new Map<number, number[]>()
  for (const curve of curves)
    for (const [x, y] of curve) {
      if (!Number.isFinite(y)) continue
      const values = at.get(x)
      if (values) values.push(y)
      else at.set(x, [y])
    }
  return [...at]
    .sort((a, b) => a[0] - b[0])
    .map(([x, values]) => ({ x, mean: values.reduce((s, v) => s + v, 0) / values.length, low: Math.min(...values), high: Math.max(...values) }))
}

/** `val/loss` belongs to `val`; what has no prefix stands first. */
export function sections(keys: string[]): [string, string[]][] {
  const found = new Map<string, string[]>()
  for (const key of [...keys].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
    const slash = key.lastIndexOf('/')
    const section = slash < 0 ? '' : key.slice(0, slash)
    found.set(section, [...(found.get(section) ?? []), key])
  }
  return [...found].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
}

const rank = (section: string) => (section === '' ? 0 : section.startsWith('system') ? 2 : 1)

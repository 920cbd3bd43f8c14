// Which parameters a metric depends on, over the runs at hand: a forest of regression trees, and how much worse it gets when one
// parameter's values are shuffled; beside it the rank correlation, which has a sign.

export interface Importance {
  name: string
  /** Share of the forest's loss of accuracy, 0 to 1. */
  importance: number
  /** Spearman's correlation; NaN for a parameter that is not a number. */
  correlation: number
}

export interface Sample {
  params: Map<string, string>
  target: number
}

const trees = 60
const leaf = 2

export function importance(samples: Sample[]): Importance[] {
  const usable = samples.filter((s) => Number.isFinite(s.target))
  const names = [...new Set(usable.flatMap((s) => [...s.params.keys()]))].filter((n) => new Set(usable.map((s) => s.params.get(n))).size > 1)
  if (usable.length < 5 || names.length === 0) return []
  const columns = names.map((n) => encode(usable.map((s) => s.params.get(n))))
  const y = usable.map((s) => s.target)
  const random = seeded(usable.length * 31 + names.length)
  const drops = names.map(() => 0)
  for (let t = 0; t < trees; t++) {
    const bag = y.map(() => Math.floor(random() * y.length))
    const inBag = new Set(bag)
    const out = y.map((_, i) => i).filter((i) => !inBag.has(i))
    if (out.length < 2) continue
    const tree = grow(columns, y, bag, random, 0)
    const loss = (of: (c: number, i: number) => number) => out.reduce((s, i) => s + (predict(tree, (c) => of(c, i)) - y[i]!) ** 2, 0)
    const base = loss((c, i) => columns[c]!.values[i]!)
    names.forEach((_, shuffled) => {
      const order = shuffle(out, random)
      const where = new Map(out.map((i, k) => [i, order[k]!]))
      drops[shuffled]! += Math.max(0, loss((c, i) => columns[c]!.values[c === shuffled ? where.get(i)! : i]!) - base)
    })
  }
  const sum = drops.reduce((a, b) => a + b, 0) || 1
  return names
    .map((name, i) => ({ name, importance: drops[i]! / sum, correlation: columns[i]!.numeric ? spearman(columns[i]!.values, y) : NaN }))
    .sort((a, b) => b.importance - a.importance)
}

interface Column {
  numeric: boolean
  values: number[]
}

function encode(texts: (string | undefined)[]): Column {
  const numbers = texts.map((t) => (t === undefined || t === '' ? NaN : Number(t)))
  if (texts.every((t, i) => t === undefined || !Number.isNaN(numbers[i]))) {
    const known = numbers.filter((n) => !Number.isNaN(n))
    const middle = known.sort((a, b) => a - b)[known.length >> 1] ?? 0
    return { numeric: true, values: texts.map((t) => (t === undefined || t === '' ? middle : Number(t))) }
  }
  const codes = new Map([...new Set(texts)].map((t, i) => [t, i]))
  return { numeric: false, values: texts.map((t) => codes.get(t)!) }
}

type Tree = { value: number } | { column: number; at: number; equal: boolean; yes: Tree; no: Tree }

function grow(columns: Column[], y: number[], rows: number[], random: () => number, depth: number): Tree {
  const mean = rows.reduce((s, i) => s + y[i]!, 0) / rows.length
  if (rows.length < 2 * leaf || depth > 8) return { value: mean }
  let best: { column: number; at: number; equal: boolean; loss: number } | undefined
  for (let c = 0; c < columns.length; c++) {
    if (columns.length > 3 && random() > 0.67) continue
    const { values, numeric } = columns[c]!
    const cuts = [...new Set(rows.map((i) => values[i]!))].sort((a, b) => a - b)
    const tried = cuts.length > 24 ? Array.from({ length: 24 }, () => cuts[Math.floor(random() * cuts.length)]!) : cuts
    for (const at of tried) {
      const side = (i: number) => (numeric ? values[i]! <= at : values[i] === at)
      const loss = spread(rows, y, side)
      if (loss !== undefined && (!best || loss < best.loss)) best = { column: c, at, equal: !numeric, loss }
    }
  }
  if (!best) return { value: mean }
  const { column, at, equal } = best
  const yes = (i: number) => (equal ? columns[column]!.values[i] === at : columns[column]!.values[i]! <= at)
  return { column, at, equal, yes: grow(columns, y, rows.filter(yes), random, depth + 1), no: grow(columns, y, rows.filter((i) => !yes(i)), random, depth + 1) }
}

function spread(rows: number[], y: number[], side: (i: number) => boolean): number | undefined {
  let [n1, s1, q1, n2, s2, q2] = [0, 0, 0, 0, 0, 0]
  for (const i of rows) {
    const v = y[i]!
    if (side(i)) [n1, s1, q1] = [n1 + 1, s1 + v, q1 + v * v]
    else [n2, s2, q2] = [n2 + 1, s2 + v, q2 + v * v]
  }
  return n1 < leaf || n2 < leaf ? undefined : q1 - (s1 * s1) / n1 + q2 - (s2 * s2) / n2
}

function predict(tree: Tree, of: (column: number) => number): number {
  let at = tree
  while (!('value' in at)) at = (at.equal ? of(at.column) === at.at : of(at.column) <= at.at) ? at.yes : at.no
  return at.value
}

export function spearman(a: number[], b: number[]): number {
  const [x, y] = [ranks(a), ranks(b)]
  const mean = (x.length + 1) / 2
  let [xy, xx, yy] = [0, 0, 0]
  x.forEach((v, i) => {
    xy += (v - mean) * (y[i]! - mean)
    xx += (v - mean) ** 2
    yy += (y[i]! - mean) ** 2
  })
  return xx && yy ? xy / Math.sqrt(xx * yy) : NaN
}

function ranks(values: number[]): number[] {
  const order = values.map((v, i) => [v, i] as const).sort((a, b) => a[0] - b[0])
  const found = new Array<number>(values.length)
  for (let i = 0; i < order.length; ) {
    let j = i
    while (j + 1 < order.length && order[j + 1]![0] === order[i]![0]) j++
    for (let k = i; k <= j; k++) found[order[k]![1]] = (i + j) / 2 + 1
    i = j + 1
  }
  return found
}

function shuffle(items: number[], random: () => number): number[] {
  const copy = [...items]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy
}

/** The same runs always give the same bars. */
function seeded(seed: number): () => number {
  let s = seed >>> 0
  return () => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = Math.imul(s ^ (s >>> 15), s | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** What a column of a table looks like. */
export interface Profile {
  name: string
  type: 'number' | 'text'
  count: number
  missing: number
  distinct: number
  min?: number
  mean?: number
  max?: number
  /** Counts of equal parts between the smallest and the largest, or of the most common texts. */
  bars: { label: string; count: number }[]
}

const missing = (v: string | undefined) => v === undefined || v === '' || /^(na|nan|null|none)$/i.test(v)

export function profile(rows: string[][]): Profile[] {
  const [head, ...body] = rows
  return (head ?? []).map((name, c) => {
    const known = body.map((r) => r[c]).filter((v): v is string => !missing(v))
    const counts = new Map<string, number>()
    for (const v of known) counts.set(v, (counts.get(v) ?? 0) + 1)
    const numbers = known.map(Number)
    const common = { name, count: body.length, missing: body.length - known.length, distinct: counts.size }
    if (known.length === 0 || numbers.some(Number.isNaN)) {
      const bars = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([label, count]) => ({ label, count }))
      return { ...common, type: 'text', bars }
    }
    let [min, max, sum] = [Infinity, -Infinity, 0]
    for (const n of numbers) {
      if (n < min) min = n
      if (n > max) max = n
      sum += n
    }
    const parts = Math.min(20, counts.size)
    const bars = Array.from({ length: parts }, (_, i) => ({ label: `${(min + ((max - min) * i) / parts).toPrecision(4)} …`, count: 0 }))
    for (const n of numbers) bars[Math.min(parts - 1, max === min ? 0 : Math.floor(((n - min) / (max - min)) * parts))]!.count++
    return { ...common, type: 'number', min, max, mean: sum / numbers.length, bars }
  })
}

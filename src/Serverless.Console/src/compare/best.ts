const lower = /loss|error|rmse|mae\b|mse|log_loss|perplexity|latency|duration|time$|seconds/i

/** Which of the values is best by what the metric's name says; undefined if all are alike or it cannot be told. */
export function best(name: string, values: (number | undefined)[]): number | undefined {
  const known = values.flatMap((v, i) => (v !== undefined && Number.isFinite(v) ? [[v, i] as const] : []))
  if (known.length < 2 || new Set(known.map(([v]) => v)).size < 2 || name.startsWith('system/')) return undefined
  const sign = lower.test(name) ? -1 : 1
  return known.reduce((a, b) => (sign * b[0] > sign * a[0] ? b : a))[1]
}

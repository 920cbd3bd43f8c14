/** Leaves of nested values by their path: `train.lr`. */
export function flatten(value: unknown, path = ''): [string, unknown][] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return path ? [[path, value]] : []
  return Object.entries(value).flatMap(([k, v]) => flatten(v, path ? `${path}.${k}` : k))
}

/** A value keeps its type: `0.1` for a number stays a number, and what is no JSON is text. */
export function parseAs(text: string, before: unknown): unknown {
  if (typeof before === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

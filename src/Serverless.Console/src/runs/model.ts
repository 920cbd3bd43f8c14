import { tagMap, type Run, type RunStatus } from '../api/mlflow'

/** A line of the table: a run, or a group of runs that share a value. */
export interface Row {
  id: string
  run?: Run
  name: string
  status?: RunStatus
  start?: number
  end?: number
  params: Map<string, string>
  /** A group has the mean of its runs. */
  metrics: Map<string, number>
  tags: Map<string, string>
  children: Row[]
}

export type ColumnKind = 'info' | 'metrics' | 'params' | 'tags'

export interface ColumnKey {
  id: string
  kind: ColumnKind
  name: string
}

export const info: ColumnKey[] = [
  { id: 'created', kind: 'info', name: 'Created' },
  { id: 'duration', kind: 'info', name: 'Duration' },
  { id: 'user', kind: 'info', name: 'User' },
  { id: 'source', kind: 'info', name: 'Source' },
  { id: 'commit', kind: 'info', name: 'Commit' },
  { id: 'run_id', kind: 'info', name: 'Run ID' },
]

const parentTag = 'mlflow.parentRunId'

export function rowOf(run: Run): Row {
  const metrics = new Map<string, number>()
  for (const m of run.data.metrics ?? []) metrics.set(m.key, Number(m.value))
  return {
    id: run.info.run_id,
    run,
    name: run.info.run_name || run.info.run_id,
    status: run.info.status,
    start: run.info.start_time,
    end: run.info.end_time || undefined,
    params: tagMap(run.data.params),
    metrics,
    tags: tagMap(run.data.tags),
    children: [],
  }
}

/** Hangs nested runs under their parents. A run whose parent the filter left out stands on its own; a circle is no tree. */
export function nest(runs: Run[]): Row[] {
  const rows = new Map(runs.map((r) => [r.info.run_id, rowOf(r)]))
  const roots: Row[] = []
  for (const row of rows.values()) {
    const parent = rows.get(row.tags.get(parentTag) ?? '')
    if (parent && !hasAncestor(rows, parent, row.id)) parent.children.push(row)
    else roots.push(row)
  }
  for (const row of rows.values()) row.children.sort((a, b) => (a.start ?? 0) - (b.start ?? 0))
  return roots
}

function hasAncestor(rows: Map<string, Row>, row: Row, id: string): boolean {
  const seen = new Set<string>()
  for (let at: Row | undefined = row; at && !seen.has(at.id); at = rows.get(at.tags.get(parentTag) ?? '')) {
    if (at.id === id) return true
    seen.add(at.id)
  }
  return false
}

export const flat = (rows: Row[]): Row[] => rows.flatMap((r) => [r, ...flat(r.children)])

/** Every column that the runs could have, the most common first within its kind. */
export function columnsOf(rows: Row[]): ColumnKey[] {
  const counts = { metrics: new Map<string, number>(), params: new Map<string, number>(), tags: new Map<string, number>() }
  for (const row of rows)
    for (const kind of ['metrics', 'params', 'tags'] as const)
      for (const name of row[kind].keys()) if (kind !== 'tags' || !name.startsWith('mlflow.')) counts[kind].set(name, (counts[kind].get(name) ?? 0) + 1)
  const keys = (kind: 'metrics' | 'params' | 'tags') =>
    [...counts[kind]].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => ({ id: `${kind}.${name}`, kind, name }))
  return [...info, ...keys('metrics'), ...keys('params'), ...keys('tags')]
}

/** What is shown before anybody chose: a few facts, the metrics and parameters that most runs have and that differ. */
export function defaultColumns(all: ColumnKey[], rows: Row[]): string[] {
  const differs = (c: ColumnKey) => new Set(rows.map((r) => r.params.get(c.name))).size > 1
  const metrics = all.filter((c) => c.kind === 'metrics' && !c.name.startsWith('system/')).slice(0, 5)
  const params = all.filter((c) => c.kind === 'params')
  return [
    'created',
    'duration',
    'user',
    ...metrics.map((c) => c.id),
    ...(rows.length > 1 ? params.filter(differs) : params).slice(0, 5).map((c) => c.id),
  ]
}

export function valueOf(row: Row, column: ColumnKey): string | number | undefined {
  switch (column.id) {
    case 'created': return row.start
    case 'duration': return row.start === undefined ? undefined : (row.end ?? Date.now()) - row.start
    case 'user': return row.tags.get('mlflow.user') ?? row.run?.info.user_id
    case 'source': return row.tags.get('mlflow.source.name')
    case 'commit': return row.tags.get('mlflow.source.git.commit')
    case 'run_id': return row.run ? row.id : undefined
  }
  if (column.kind === 'metrics') return row.metrics.get(column.name)
  return column.kind === 'params' ? row.params.get(column.name) : row.tags.get(column.name)
}

/** Sorts as people read: numbers by size also where they are texts, what is missing or not a number last. */
export function compareValues(a: string | number | undefined, b: string | number | undefined): number {
  const x = typeof a === 'number' ? a : a === undefined || a === '' ? NaN : Number(a)
  const y = typeof b === 'number' ? b : b === undefined || b === '' ? NaN : Number(b)
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, 'en', { numeric: true })
  return 0
}

export const isMissing = (v: string | number | undefined): boolean => v === undefined || v === '' || (typeof v === 'number' && Number.isNaN(v))

/** One line a value of the column; metrics of a group are means over its runs. */
export function groupBy(rows: Row[], column: ColumnKey): Row[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const value = String(valueOf(row, column) ?? '')
    groups.set(value, [...(groups.get(value) ?? []), row])
  }
  return [...groups].map(([value, members]) => {
    const starts = members.flatMap((m) => m.start ?? [])
    return {
      id: `group:${value}`,
      name: value || `No ${column.name}`,
      start: starts.length ? Math.max(...starts) : undefined,
      params: shared(members.map((m) => m.params)),
      metrics: means(members.map((m) => m.metrics)),
      tags: shared(members.map((m) => m.tags)),
      children: members,
    }
  })
}

function shared(maps: Map<string, string>[]): Map<string, string> {
  const [first, ...others] = maps
  return new Map([...(first ?? [])].filter(([k, v]) => others.every((m) => m.get(k) === v)))
}

function means(maps: Map<string, number>[]): Map<string, number> {
  const sums = new Map<string, [number, number]>()
  for (const map of maps)
    for (const [key, value] of map) {
      if (Number.isNaN(value)) continue
      const [sum, n] = sums.get(key) ?? [0, 0]
      sums.set(key, [sum + value, n + 1])
    }
  return new Map([...sums].map(([key, [sum, n]]) => [key, sum / n]))
}

export function toCsv(rows: Row[], columns: ColumnKey[]): string {
  const cell = (v: string | number | undefined) => {
    const text = v === undefined ? '' : String(v)
    // A spreadsheet would run what begins like a formula.
    const safe = typeof v === 'string' && /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text
    return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
  }
  const time = (v: number | undefined) => (v === undefined ? undefined : new Date(v).toISOString())
  const lines = flat(rows)
    .filter((r) => r.run)
    .map((r) =>
      [r.id, r.name, r.status, ...columns.map((c) => (c.id === 'created' ? time(r.start) : valueOf(r, c)))].map(cell).join(','),
    )
  return [['run_id', 'name', 'status', ...columns.map((c) => (c.kind === 'info' ? c.name : c.id))].map(cell).join(','), ...lines].join('\r\n') + '\r\n'
}

// Completion for MLflow's search grammar: `metrics."val/loss" < 0.4 AND params.optimizer = 'adam'`.

export interface Vocabulary {
  metrics: string[]
  params: string[]
  tags: string[]
  /** The values that a param or tag has among the runs on the page. */
  values: (kind: 'params' | 'tags' | 'attributes', name: string) => string[]
}

export interface Suggestion {
  text: string
  label: string
  hint: string
}

export interface Completion {
  from: number
  to: number
  items: Suggestion[]
}

const attributes = ['status', 'run_name', 'start_time', 'end_time', 'user_id', 'run_id']
const numeric = ['<', '<=', '>', '>=', '=', '!=']
const textual = ['=', '!=', 'LIKE', 'ILIKE']
const statuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']

type Token = { text: string; from: number; to: number }

export function tokens(text: string): Token[] {
  const found: Token[] = []
  const pattern = /(?:[A-Za-z_]+\.)?(?:"[^"]*"?|`[^`]*`?)|'[^']*'?|[<>!=]+|[^\s<>!='"`]+/g
  for (let m = pattern.exec(text); m; m = pattern.exec(text)) found.push({ text: m[0], from: m.index, to: m.index + m[0].length })
  return found
}

export const quoteKey = (name: string): string => (/^[\w.-]+$/.test(name) && !/^\d/.test(name) ? name : name.includes('"') ? `\`${name}\`` : `"${name}"`)
export const quoteValue = (value: string): string => (value.includes("'") ? `"${value}"` : `'${value}'`)

const unquote = (text: string): string => text.replace(/^(["'`])(.*?)\1?$/, '$2')

function keyOf(text: string): { kind: 'metrics' | 'params' | 'tags' | 'attributes'; name: string } | undefined {
  const m = /^(?:(metrics?|params?|parameters?|tags?|attributes?|attr|run)\.)?(.+)$/.exec(text)
  if (!m) return undefined
  const prefix = m[1] ?? 'attributes'
  const kind = prefix.startsWith('metric') ? 'metrics' : prefix.startsWith('param') ? 'params' : prefix.startsWith('tag') ? 'tags' : 'attributes'
  return { kind, name: unquote(m[2]!) }
}

/** What could stand where the cursor is. */
export function complete(text: string, cursor: number, words: Vocabulary): Completion {
  const all = tokens(text)
  const current = all.find((t) => t.from < cursor && cursor <= t.to)
  const before = all.filter((t) => t.to <= cursor && t !== current)
  const lastAnd = before.findLastIndex((t) => /^and$/i.test(t.text))
  const clause = before.slice(lastAnd + 1)
  const from = current?.from ?? cursor
  const to = current?.to ?? cursor
  const typed = (current?.text ?? '').slice(0, cursor - from).toLowerCase()
  const matching = (items: Suggestion[]) => {
    const plain = typed.replace(/["'`]/g, '')
    const found = items.filter((i) => i.label.toLowerCase().replace(/["'`]/g, '').includes(plain))
    return found.length === 1 && found[0]!.text.toLowerCase() === typed ? [] : found.slice(0, 60)
  }

  if (clause.length === 0) return { from, to, items: matching(keys(words)) }
  const key = keyOf(clause[0]!.text)
  if (!key) return { from, to, items: [] }
  const isNumber = key.kind === 'metrics' || key.name.endsWith('_time')
  if (clause.length === 1) return { from, to, items: matching((isNumber ? numeric : textual).map((o) => ({ text: o, label: o, hint: 'operator' }))) }
  if (clause.length === 2) {
    const values = key.kind === 'metrics' ? [] : key.name === 'status' ? statuses : words.values(key.kind, key.name)
    return { from, to, items: matching(values.map((v) => ({ text: quoteValue(v), label: v, hint: 'value' }))) }
  }
  return { from, to, items: matching([{ text: 'AND', label: 'AND', hint: 'another condition' }]) }
}

function keys(words: Vocabulary): Suggestion[] {
  const of = (kind: 'metrics' | 'params' | 'tags', hint: string) =>
    words[kind].map((name) => ({ text: `${kind}.${quoteKey(name)}`, label: `${kind}.${name}`, hint }))
  return [...of('metrics', 'metric'), ...of('params', 'parameter'), ...attributes.map((a) => ({ text: a, label: a, hint: 'attribute' })), ...of('tags', 'tag')]
}

/** Puts a suggestion in, with the space that goes on. */
export function accept(text: string, completion: Completion, item: Suggestion): { text: string; cursor: number } {
  const head = text.slice(0, completion.from) + item.text + ' '
  return { text: head + text.slice(completion.to).replace(/^\s+/, ''), cursor: head.length }
}

import { useMemo, useState } from 'react'
import { Confirm } from '../design'

/** Leaves of nested values by their path: `train.lr`. */
export function flatten(value: unknown, path = ''): [string, unknown][] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return path ? [[path, value]] : []
  return Object.entries(value).flatMap(([k, v]) => flatten(v, path ? `${path}.${k}` : k))
}

const textOf = (v: unknown): string => (typeof v === 'string' ? v : JSON.stringify(v))

/** A value keeps its type: `0.1` for a number stays a number, and what is no JSON is text. */
export function parseAs(text: string, before: unknown): unknown {
  if (typeof before === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function ParameterForm({ title, parameters, onClose, onSubmit }: { title: string; parameters: Record<string, unknown>; onClose: () => void; onSubmit: (changes: Record<string, unknown>) => Promise<unknown> }) {
  const leaves = useMemo(() => flatten(parameters), [parameters])
  const [edited, setEdited] = useState<Record<string, string>>({})
  const changes = Object.fromEntries(leaves.filter(([k, v]) => edited[k] !== undefined && edited[k] !== textOf(v)).map(([k, v]) => [k, parseAs(edited[k]!, v)]))
  const changed = Object.keys(changes).length
  return (
    <Confirm title={title} action={changed ? `Run with ${changed} ${changed === 1 ? 'change' : 'changes'}` : 'Run unchanged'} onClose={onClose} onConfirm={() => onSubmit(changes)}>
      {leaves.length === 0 ? (
        <p className="soft">This pipeline has no parameters. It runs with the definition and sources that it was submitted with.</p>
      ) : (
        <>
          <p className="soft">Definition and sources are those of this run. Tasks whose inputs stay the same come from the cache.</p>
          <div className="param-form">
            {leaves.map(([key, value]) => (
              <label key={key} className="param-row">
                <span className="mono ellipsis" title={key}>{key}</span>
                <input className={`input small mono${changes[key] !== undefined ? ' changed' : ''}`} value={edited[key] ?? textOf(value)} onChange={(e) => setEdited({ ...edited, [key]: e.target.value })} />
              </label>
            ))}
          </div>
        </>
      )}
    </Confirm>
  )
}

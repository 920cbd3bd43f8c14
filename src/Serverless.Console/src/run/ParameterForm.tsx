import { useMemo, useState } from 'react'
import { Confirm } from '../design'
import { flatten, parseAs } from './parameters'

const textOf = (v: unknown): string => (typeof v === 'string' ? v : JSON.stringify(v))

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

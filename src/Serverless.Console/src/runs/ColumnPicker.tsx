import { useState } from 'react'
import { Columns3 } from 'lucide-react'
import { Button, MenuLabel, Popover } from '../design'
import type { ColumnKey } from './model'

const titles = { info: 'Run', metrics: 'Metrics', params: 'Parameters', tags: 'Tags' }

export function ColumnPicker({ all, shown, onChange, onReset }: { all: ColumnKey[]; shown: string[]; onChange: (ids: string[]) => void; onReset: () => void }) {
  const [text, setText] = useState('')
  const found = all.filter((c) => c.name.toLowerCase().includes(text.toLowerCase()))
  const set = new Set(shown)
  // The order of the columns is that of the list, whatever the order of the clicks.
  const show = (ids: Set<string>) => onChange(all.filter((c) => ids.has(c.id)).map((c) => c.id))
  return (
    <Popover label="Columns" width={280} align="end" trigger={(p) => <Button icon={<Columns3 size={14} />} {...p}>Columns</Button>}>
      {() => (
        <div className="stack tight">
          <input className="input small" placeholder="Find a column" aria-label="Find a column" value={text} onChange={(e) => setText(e.target.value)} />
          <div className="column-list">
            {(['info', 'metrics', 'params', 'tags'] as const).map((kind) => {
              const columns = found.filter((c) => c.kind === kind)
              if (columns.length === 0) return null
              const every = columns.every((c) => set.has(c.id))
              return (
                <div key={kind}>
                  <div className="row">
                    <span className="grow"><MenuLabel>{titles[kind]}</MenuLabel></span>
                    <button className="btn ghost small" onClick={() => show(new Set(every ? shown.filter((id) => !columns.some((c) => c.id === id)) : [...shown, ...columns.map((c) => c.id)]))}>
                      {every ? 'None' : 'All'}
                    </button>
                  </div>
                  {columns.slice(0, 200).map((c) => (
                    <label key={c.id}>
                      <input
                        type="checkbox"
                        className="checkbox"
                        checked={set.has(c.id)}
                        onChange={() => {
                          const next = new Set(set)
                          if (!next.delete(c.id)) next.add(c.id)
                          show(next)
                        }}
                      />
                      <span className="ellipsis">{c.name}</span>
                    </label>
                  ))}
                </div>
              )
            })}
          </div>
          <Button small look="ghost" onClick={onReset}>Reset to default</Button>
        </div>
      )}
    </Popover>
  )
}

import { useQuery } from '@tanstack/react-query'
import { Boxes, FlaskConical, Hash, type LucideIcon } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { experiments, registeredModels } from '../api/mlflow'
import { navigate, to } from '../lib/router'

interface Entry {
  label: string
  hint: string
  path: string
  icon: LucideIcon
}

/** One field that leads anywhere: a page, an experiment, a model, or a run by its ID. */
export function Palette({ places, onClose }: { places: { to: string; label: string; icon: LucideIcon }[]; onClose: () => void }) {
  const [text, setText] = useState('')
  const [index, setIndex] = useState(0)
  const dialog = useRef<HTMLDialogElement>(null)
  const { data: known } = useQuery(experiments())
  const { data: models } = useQuery(registeredModels())

  useEffect(() => dialog.current!.showModal(), [])
  const entries = useMemo<Entry[]>(() => {
    const sought = text.trim().toLowerCase()
    const all: Entry[] = [
      ...places.map((p) => ({ label: p.label, hint: 'Page', path: p.to, icon: p.icon })),
      ...(known ?? []).map((e) => ({ label: e.name, hint: 'Experiment', path: to('experiments', e.experiment_id), icon: FlaskConical })),
      ...(models ?? []).map((m) => ({ label: m.name, hint: 'Model', path: to('models', m.name), icon: Boxes })),
    ]
    const found = all.filter((e) => e.label.toLowerCase().includes(sought)).slice(0, 50)
    return /^[0-9a-f]{32}$/.test(sought) ? [{ label: sought, hint: 'Open run', path: to('runs', sought), icon: Hash }, ...found] : found
  }, [text, known, models, places])

  const choose = (entry: Entry | undefined) => {
    if (!entry) return
    navigate(entry.path)
    onClose()
  }

  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-label="Go to"
      onCancel={(e) => {
        e.preventDefault()
        onClose()
      }}
      onClick={(e) => e.target === dialog.current && onClose()}
    >
      <div className="palette">
        <input
          autoFocus
          value={text}
          placeholder="Page, experiment, model, or run ID"
          aria-label="Page, experiment, model, or run ID"
          onChange={(e) => {
            setText(e.target.value)
            setIndex(0)
          }}
          onKeyDown={(e) => {
            if (e.key === 'ArrowDown') setIndex((i) => Math.min(i + 1, entries.length - 1))
            else if (e.key === 'ArrowUp') setIndex((i) => Math.max(i - 1, 0))
            else if (e.key === 'Enter') choose(entries[index])
            else return
            e.preventDefault()
          }}
        />
        <div className="list" role="listbox" aria-label="Results">
          {entries.map((entry, i) => (
            <button
              key={entry.hint + entry.path}
              role="option"
              aria-selected={i === index}
              ref={i === index ? (el) => el?.scrollIntoView({ block: 'nearest' }) : undefined}
              className={`menu-item${i === index ? ' active' : ''}`}
              onClick={() => choose(entry)}
              onMouseMove={() => setIndex(i)}
            >
              <entry.icon size={15} aria-hidden style={{ color: 'var(--text-3)' }} />
              <span className="grow ellipsis">{entry.label}</span>
              <span className="muted small">{entry.hint}</span>
            </button>
          ))}
          {entries.length === 0 && <p className="muted" style={{ padding: 12 }}>Nothing has that name.</p>}
        </div>
      </div>
    </dialog>
  )
}

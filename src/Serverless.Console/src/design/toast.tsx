import { useSyncExternalStore } from 'react'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { IconButton } from './button'

interface Note {
  id: number
  text: string
  tone: 'good' | 'bad'
  undo?: () => void
}

let notes: Note[] = []
let next = 0
const listeners = new Set<() => void>()

function change(changed: Note[]) {
  notes = changed
  for (const listener of listeners) listener()
}

const dismiss = (id: number) => change(notes.filter((n) => n.id !== id))

function show(text: string, tone: Note['tone'], undo?: () => void) {
  const id = next++
  change([...notes.slice(-3), { id, text, tone, undo }])
  setTimeout(() => dismiss(id), tone === 'bad' ? 9000 : 5000)
}

export const toast = {
  good: (text: string, undo?: () => void) => show(text, 'good', undo),
  bad: (text: string) => show(text, 'bad'),
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => notes,
  )
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((n) => (
        <div key={n.id} className="toast">
          <span className={`status ${n.tone}`} style={{ marginTop: 3 }}>
            {n.tone === 'good' ? <CircleCheck size={15} /> : <CircleAlert size={15} />}
          </span>
          <span className="grow wrap">{n.text}</span>
          {n.undo && (
            <button
              className="btn small ghost"
              onClick={() => {
                n.undo!()
                dismiss(n.id)
              }}
            >
              Undo
            </button>
          )}
          <IconButton label="Dismiss" small onClick={() => dismiss(n.id)}>
            <X size={14} />
          </IconButton>
        </div>
      ))}
    </div>
  )
}

import { useEffect, useMemo, useRef, useState } from 'react'
import { ListFilter, X } from 'lucide-react'
import { accept, complete, type Vocabulary } from './filter'

/** A field for MLflow's search grammar that offers what could come next. */
export function FilterField({ value, onChange, vocabulary, error }: { value: string; onChange: (v: string) => void; vocabulary: Vocabulary; error?: string }) {
  const [text, setText] = useState(value)
  const [cursor, setCursor] = useState(0)
  const [open, setOpen] = useState(false)
  const [index, setIndex] = useState(-1)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => setText(value), [value])
  const completion = useMemo(() => complete(text, cursor, vocabulary), [text, cursor, vocabulary])
  const shown = open && completion.items.length > 0

  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), 500)
    return () => clearTimeout(timer)
  }, [text, value, onChange])

  const take = (i: number) => {
    const item = completion.items[i]
    if (!item) return
    const next = accept(text, completion, item)
    setText(next.text)
    setCursor(next.cursor)
    setIndex(-1)
    requestAnimationFrame(() => {
      input.current?.focus()
      input.current?.setSelectionRange(next.cursor, next.cursor)
    })
  }

  return (
    <div className="filter">
      <ListFilter size={14} aria-hidden />
      <input
        ref={input}
        data-search
        value={text}
        role="combobox"
        aria-expanded={shown}
        aria-controls="filter-list"
        aria-activedescendant={shown && index >= 0 ? `filter-${index}` : undefined}
        aria-label="Filter runs"
        aria-invalid={!!error}
        spellCheck={false}
        autoComplete="off"
        placeholder={'Filter, such as metrics.auc > 0.8 AND params.lr = \'0.1\''}
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(() => setOpen(false), 150)}
        onChange={(e) => {
          setText(e.target.value)
          setCursor(e.target.selectionStart ?? 0)
          setOpen(true)
          setIndex(-1)
        }}
        onSelect={(e) => setCursor(e.currentTarget.selectionStart ?? 0)}
        onKeyDown={(e) => {
          if (e.key === 'ArrowDown' && shown) setIndex((i) => Math.min(i + 1, completion.items.length - 1))
          else if (e.key === 'ArrowUp' && shown) setIndex((i) => Math.max(i - 1, -1))
          else if (e.key === 'Tab' && shown && index >= 0) take(index)
          else if (e.key === 'Enter') {
            if (shown && index >= 0) take(index)
            else {
              setOpen(false)
              onChange(text)
            }
          } else if (e.key === 'Escape') setOpen(false)
          else return
          e.preventDefault()
        }}
      />
      {text && (
        <button
          className="copy"
          aria-label="Clear the filter"
          onClick={() => {
            setText('')
            onChange('')
          }}
        >
          <X size={13} />
        </button>
      )}
      {shown && (
        <div className="filter-list popover" id="filter-list" role="listbox" aria-label="Suggestions">
          {completion.items.map((item, i) => (
            <button
              key={item.text}
              id={`filter-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === index}
              ref={i === index ? (el) => el?.scrollIntoView({ block: 'nearest' }) : undefined}
              className={`menu-item${i === index ? ' active' : ''}`}
              onPointerDown={(e) => {
                e.preventDefault()
                take(i)
              }}
            >
              <span className="grow ellipsis mono">{item.label}</span>
              <span className="muted small">{item.hint}</span>
            </button>
          ))}
        </div>
      )}
      {error && <div className="filter-error" role="alert">{error}</div>}
    </div>
  )
}

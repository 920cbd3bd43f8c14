import { useEffect, useMemo, useRef } from 'react'
import {
  columnResizingFeature,
  columnSizingFeature,
  createExpandedRowModel,
  createSortedRowModel,
  rowExpandingFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type ExpandedState,
  type SortingState,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, ChevronRight, Eye, EyeOff, Pin } from 'lucide-react'
import { Ago, Copy } from '../design'
import { duration, number, shortId } from '../lib/format'
import { Link, navigate, to } from '../lib/router'
import { compareValues, isMissing, valueOf, type ColumnKey, type Row } from './model'
import { RunState, TaskState } from './status'

const features = tableFeatures({
  rowSortingFeature,
  rowExpandingFeature,
  columnSizingFeature,
  columnResizingFeature,
  sortedRowModel: createSortedRowModel(),
  expandedRowModel: createExpandedRowModel(),
})

const rowHeight = 34
const bandTitles = { info: '', metrics: 'Metrics', params: 'Parameters', tags: 'Tags' }

export interface RunTableProps {
  rows: Row[]
  columns: ColumnKey[]
  sorting: SortingState
  onSort: (sorting: SortingState) => void
  expanded: ExpandedState
  onExpand: (expanded: ExpandedState) => void
  selected: Set<string>
  onSelect: (ids: Set<string>) => void
  hidden: Set<string>
  onHide: (id: string) => void
  pinned: Set<string>
  onPin: (id: string) => void
  /** Colors of the runs that the charts draw. */
  colors?: Map<string, string>
  /** Only names, beside the charts. */
  compact?: boolean
}

const missingLast = (a: string | number | undefined, b: string | number | undefined, isDescending: boolean): number => {
  const [x, y] = [isMissing(a), isMissing(b)]
  if (x || y) return x === y ? 0 : x === isDescending ? -1 : 1
  return compareValues(a, b)
}

export function RunTable(props: RunTableProps) {
  const { rows, columns, sorting, expanded, selected, hidden, pinned, compact } = props
  const descending = useRef(false)
  descending.current = sorting[0]?.desc ?? false

  const definitions = useMemo<ColumnDef<typeof features, Row>[]>(
    () => [
      {
        id: 'name',
        header: 'Run',
        accessorFn: (r) => r.name,
        size: compact ? 232 : 320,
        minSize: 160,
        sortFn: (a, b) => missingLast(a.original.name, b.original.name, descending.current),
      },
      ...columns.map((c): ColumnDef<typeof features, Row> => ({
        id: c.id,
        header: c.name,
        accessorFn: (r) => valueOf(r, c),
        size: c.id === 'duration' || c.id === 'user' ? 96 : c.kind === 'info' ? 124 : Math.min(200, Math.max(96, c.name.length * 7.4 + 34)),
        minSize: 64,
        sortDescFirst: c.kind === 'metrics' || c.id === 'created',
        sortFn: (a, b) => missingLast(valueOf(a.original, c), valueOf(b.original, c), descending.current),
      })),
    ],
    [columns, compact],
  )

  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: (r) => r.id,
    getSubRows: (r) => r.children,
    state: { sorting, expanded },
    onSortingChange: (next) => props.onSort(typeof next === 'function' ? next(sorting) : next),
    onExpandedChange: (next) => props.onExpand(typeof next === 'function' ? next(expanded) : next),
    columnResizeMode: 'onChange',
    autoResetExpanded: false,
    enableMultiSort: false,
  })

  const sorted = table.getRowModel().rows
  const lines = useMemo(() => {
    if (pinned.size === 0) return sorted
    return [...sorted.filter((r) => pinned.has(r.original.id)), ...sorted.filter((r) => !pinned.has(r.original.id))]
  }, [sorted, pinned])

  const scroll = useRef<HTMLDivElement>(null)
  const cursor = useRef(-1)
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight, overscan: 12, getItemKey: (i) => lines[i]!.id })
  const all = table.getHeaderGroups()[0]!.headers
  const headers = compact ? all.slice(0, 1) : all
  const kinds = ['info', ...columns.map((c) => c.kind)]
  const isFirst = (i: number) => i > 0 && kinds[i] !== kinds[i - 1] && !compact
  const bands: { title: string; width: number; first: boolean }[] = []
  headers.forEach((h, i) => {
    if (i === 0 || kinds[i] !== kinds[i - 1]) bands.push({ title: bandTitles[kinds[i] as ColumnKey['kind']], width: 0, first: i > 0 })
    bands.at(-1)!.width += h.getSize()
  })

  const runRows = useMemo(() => lines.filter((l) => l.original.run), [lines])
  const allSelected = runRows.length > 0 && runRows.every((r) => selected.has(r.original.id))
  const anchor = useRef<number>(-1)
  const toggle = (index: number, range: boolean) => {
    const next = new Set(selected)
    const row = lines[index]!.original
    const ids = (r: Row): string[] => (r.run ? [r.id] : r.children.flatMap(ids))
    const on = !ids(row).every((id) => next.has(id))
    const [a, b] = range && anchor.current >= 0 ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index]
    for (let i = a; i <= b; i++) for (const id of ids(lines[i]!.original)) if (on) next.add(id)
      else next.delete(id)
    anchor.current = index
    props.onSelect(next)
  }

  const mark = (index: number) => {
    cursor.current = index
    virtual.scrollToIndex(index)
    requestAnimationFrame(() => {
      scroll.current?.querySelectorAll('.cursor').forEach((e) => e.classList.remove('cursor'))
      scroll.current?.querySelector(`[data-index="${index}"]`)?.classList.add('cursor')
    })
  }

  const onKeyDown = (e: React.KeyboardEvent) => {
    if ((e.target as HTMLElement).closest('input:not([type=checkbox])')) return
    const at = cursor.current
    const line = lines[at]
    if (e.key === 'ArrowDown' || e.key === 'j') mark(Math.min(lines.length - 1, at + 1))
    else if (e.key === 'ArrowUp' || e.key === 'k') mark(Math.max(0, at - 1))
    else if (e.key === 'Home') mark(0)
    else if (e.key === 'End') mark(lines.length - 1)
    else if ((e.key === ' ' || e.key === 'x') && line && e.target === e.currentTarget) toggle(at, e.shiftKey)
    else if (e.key === 'ArrowRight' && line?.getCanExpand()) line.toggleExpanded(true)
    else if (e.key === 'ArrowLeft' && line?.getCanExpand()) line.toggleExpanded(false)
    else if (e.key === 'Enter' && line?.original.run && e.target === e.currentTarget) navigate(to('runs', line.original.id))
    else return
    e.preventDefault()
  }

  useEffect(() => {
    cursor.current = -1
  }, [rows])

  return (
    <div className="grid" ref={scroll} tabIndex={0} role="treegrid" aria-label="Runs" aria-rowcount={lines.length} aria-multiselectable onKeyDown={onKeyDown}>
      <div className="grid-head" role="rowgroup">
        {!compact && (
          <div className="grid-row grid-bands" aria-hidden>
            {bands.map((b, i) => (
              <div key={i} className={b.first && b.title ? 'first' : ''} style={{ width: b.width }}>
                {b.title}
              </div>
            ))}
          </div>
        )}
        <div className="grid-row" role="row">
          {headers.map((header, i) => {
            const sort = header.column.getIsSorted()
            return (
              <div
                key={header.id}
                role="columnheader"
                aria-sort={sort === 'asc' ? 'ascending' : sort === 'desc' ? 'descending' : 'none'}
                className={`grid-th${i === 0 ? ' name' : ''}${kinds[i] === 'metrics' ? ' numeric' : ''}${isFirst(i) ? ' first' : ''}`}
                style={{ width: header.getSize() }}
              >
                {i === 0 && (
                  <input
                    type="checkbox"
                    className="checkbox"
                    aria-label="Select all runs"
                    checked={allSelected}
                    ref={(el) => {
                      if (el) el.indeterminate = !allSelected && selected.size > 0
                    }}
                    onChange={() => props.onSelect(allSelected ? new Set() : new Set(runRows.map((r) => r.original.id)))}
                  />
                )}
                <button className="sort" onClick={() => header.column.toggleSorting()} title={`Sort by ${header.column.columnDef.header as string}`}>
                  <span className="ellipsis">{header.column.columnDef.header as string}</span>
                  {sort === 'asc' && <ArrowUp size={12} />}
                  {sort === 'desc' && <ArrowDown size={12} />}
                </button>
                <div className="resize" aria-hidden onPointerDown={(e) => header.getResizeHandler()(e.nativeEvent)} onMouseDown={header.getResizeHandler()} onTouchStart={header.getResizeHandler()} />
              </div>
            )
          })}
        </div>
      </div>
      <div className="grid-inner grid-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index]!
          const row = line.original
          const isSelected = selected.has(row.id)
          const state = row.tags.get('serverless.task.state')
          return (
            <div
              key={item.key}
              data-index={item.index}
              role="row"
              aria-rowindex={item.index + 1}
              aria-level={line.depth + 1}
              aria-expanded={line.getCanExpand() ? line.getIsExpanded() : undefined}
              aria-selected={isSelected}
              className={`grid-row${row.run ? '' : ' group'}${pinned.has(row.id) ? ' pinned' : ''}`}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {headers.map((header, i) => (
                <div
                  key={header.id}
                  role="gridcell"
                  className={`grid-td${i === 0 ? ' name' : ''}${kinds[i] === 'metrics' ? ' numeric' : ''}${isFirst(i) ? ' first' : ''}`}
                  style={{ width: header.getSize() }}
                >
                  {i > 0 ? (
                    <Cell row={row} column={columns[i - 1]!} />
                  ) : (
                    <>
                      <input
                        type="checkbox"
                        className="checkbox"
                        tabIndex={-1}
                        aria-label={`Select ${row.name}`}
                        checked={row.run ? isSelected : row.children.every((c) => selected.has(c.id))}
                        onChange={() => {}}
                        onClick={(e) => toggle(item.index, e.shiftKey)}
                      />
                      <span style={{ width: line.depth * 16, flex: 'none' }} />
                      {line.getCanExpand() ? (
                        <button className="expand" tabIndex={-1} aria-expanded={line.getIsExpanded()} aria-label={line.getIsExpanded() ? 'Fold' : 'Unfold'} onClick={() => line.toggleExpanded()}>
                          <ChevronRight size={13} />
                        </button>
                      ) : (
                        line.depth > 0 && <span style={{ width: 4, flex: 'none' }} />
                      )}
                      {props.colors && <span className="dot" style={{ color: props.colors.get(row.id) ?? 'var(--line-strong)', opacity: hidden.has(row.id) ? 0.25 : 1 }} />}
                      {state ? <TaskState state={state} iconOnly /> : row.status && <RunState status={row.status} iconOnly />}
                      {row.run ? (
                        <Link to={to('runs', row.id)} className="ellipsis grow" tabIndex={-1} title={row.name}>
                          {row.name}
                        </Link>
                      ) : (
                        <span className="ellipsis grow">{row.name}</span>
                      )}
                      {row.children.length > 0 && <span className="muted small num">{row.children.length}</span>}
                      {row.run && (
                        <>
                          <button className="copy hover-only" tabIndex={-1} aria-pressed={pinned.has(row.id)} aria-label={pinned.has(row.id) ? 'Unpin' : 'Pin on top'} title={pinned.has(row.id) ? 'Unpin' : 'Pin on top'} onClick={() => props.onPin(row.id)}>
                            <Pin size={13} />
                          </button>
                          {props.colors && (
                            <button className="copy hover-only" tabIndex={-1} aria-pressed={hidden.has(row.id)} aria-label={hidden.has(row.id) ? 'Show in charts' : 'Hide from charts'} title={hidden.has(row.id) ? 'Show in charts' : 'Hide from charts'} onClick={() => props.onHide(row.id)}>
                              {hidden.has(row.id) ? <EyeOff size={13} /> : <Eye size={13} />}
                            </button>
                          )}
                        </>
                      )}
                    </>
                  )}
                </div>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Cell({ row, column }: { row: Row; column: ColumnKey }) {
  const value = valueOf(row, column)
  if (column.id === 'created') return row.start === undefined ? null : <span className="soft"><Ago time={row.start} /></span>
  if (column.id === 'duration') return row.run ? <span className="soft num">{duration(value as number | undefined)}</span> : null
  if (column.id === 'run_id' || column.id === 'commit')
    return value ? (
      <>
        <span className="mono soft">{shortId(String(value))}</span>
        <span className="hover-only"><Copy text={String(value)} /></span>
      </>
    ) : null
  if (value === undefined || value === '') return <span className="muted" aria-label="none">–</span>
  if (column.kind === 'metrics') return <span className={`ellipsis${Number.isNaN(value) ? ' status bad' : ''}`} title={String(value)}>{number(value)}</span>
  return <span className="ellipsis" title={String(value)}>{String(value)}</span>
}

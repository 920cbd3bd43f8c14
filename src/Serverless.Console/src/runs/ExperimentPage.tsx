import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ChartSpline, Download, FlaskConical, GitCompareArrows, Group, Pin, RotateCcw, Table2, Tag, Trash2, X } from 'lucide-react'
import { deleteRun, experiment, restoreRun, runs as runsQuery, setRunTag } from '../api/mlflow'
import { Button, Confirm, Copy, Empty, Failure, IconButton, Loading, Menu, MenuItem, MenuLabel, Page, Segments, toast } from '../design'
import { download } from '../lib/clipboard'
import { count } from '../lib/format'
import { useNarrow, useTitle } from '../lib/hooks'
import { joinList, Link, navigate, setQuery, to, useLocation, useQuery as useUrl, useQueryList, withQuery } from '../lib/router'
import { palette } from '../charts/palette'
import { ColumnPicker } from './ColumnPicker'
import { FilterField } from './FilterField'
import type { Vocabulary } from './filter'
import { columnsOf, defaultColumns, flat, groupBy, nest, toCsv } from './model'
import { RunTable } from './RunTable'
import './runs.css'

const ChartBoard = lazy(() => import('../charts/ChartBoard'))

const most = 1000
const drawnAtOnce = 20

/** A set of runs in the address, by the first characters of their IDs. */
function useIdSet(name: string, ids: string[]): [Set<string>, (ids: Set<string>) => void] {
  const [short] = useQueryList(name)
  const set = useMemo(() => {
    const known = new Set(short)
    return new Set(ids.filter((id) => known.has(id.slice(0, 8))))
  }, [short, ids])
  const change = useCallback((next: Set<string>) => setQuery({ [name]: joinList([...next].map((id) => id.slice(0, 8))) }), [name])
  return [set, change]
}

export default function ExperimentPage({ id }: { id: string }) {
  const client = useQueryClient()
  const narrow = useNarrow()
  const { query } = useLocation()
  const [filter, setFilter] = useUrl('filter')
  const [shownAs] = useUrl('view', 'table')
  const [deleted] = useUrl('deleted')
  const [group, setGroup] = useUrl('group')
  const [sortText] = useUrl('sort', '-created')
  const [columnIds] = useQueryList('columns')
  const [dialog, setDialog] = useState<'delete' | 'tag'>()
  const { data: about, error: unknown } = useQuery(experiment(id))
  const found = useQuery(runsQuery({ experimentIds: [id], filter, view: deleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY', most }))
  useTitle(about?.name ?? 'Experiment')

  const runs = found.data?.runs
  const tree = useMemo(() => nest(runs ?? []), [runs])
  const all = useMemo(() => flat(tree), [tree])
  const columns = useMemo(() => columnsOf(all), [all])
  const standard = useMemo(() => defaultColumns(columnsOf(tree), tree), [tree])
  const chosen = columnIds.length ? columnIds : standard
  const shown = useMemo(() => columns.filter((c) => chosen.includes(c.id)), [columns, chosen])
  const groupColumn = columns.find((c) => c.id === group)
  const rows = useMemo(() => (groupColumn ? groupBy(tree, groupColumn) : tree), [tree, groupColumn])

  const ids = useMemo(() => all.map((r) => r.id), [all])
  const [selected, select] = useIdSet('selected', ids)
  const [hidden, hide] = useIdSet('hidden', ids)
  const [pinned, pin] = useIdSet('pinned', ids)
  const [open] = useQueryList('open')
  const expanded = useMemo(() => Object.fromEntries([...open.map((p) => [ids.find((i) => i.startsWith(p)) ?? p, true]), ...(groupColumn ? rows.map((r) => [r.id, !open.includes(r.id)]) : [])]), [open, ids, groupColumn, rows])
  const sorting = useMemo(() => [{ id: sortText.replace(/^-/, ''), desc: sortText.startsWith('-') }], [sortText])

  const vocabulary = useMemo<Vocabulary>(() => {
    const of = (kind: string) => columns.filter((c) => c.kind === kind).map((c) => c.name)
    return {
      metrics: of('metrics'),
      params: of('params'),
      tags: [...of('tags'), 'mlflow.user', 'mlflow.source.name', 'mlflow.parentRunId'],
      values: (kind, name) => [...new Set(all.flatMap((r) => (kind === 'params' ? r.params.get(name) : kind === 'tags' ? r.tags.get(name) : name === 'run_name' ? r.name : undefined) ?? []))].slice(0, 200),
    }
  }, [columns, all])

  const drawn = useMemo(() => {
    const wanted = selected.size ? all.filter((r) => selected.has(r.id)) : tree.filter((r) => r.metrics.size).slice(0, drawnAtOnce)
    return wanted
  }, [selected, all, tree])
  const colors = useMemo(() => new Map(drawn.map((r, i) => [r.id, palette[i % palette.length]!])), [drawn])
  const visible = useMemo(() => drawn.filter((r) => !hidden.has(r.id)), [drawn, hidden])

  const toggleIn = (set: Set<string>, change: (s: Set<string>) => void) => (rowId: string) => {
    const next = new Set(set)
    if (!next.delete(rowId)) next.add(rowId)
    change(next)
  }
  const refresh = () => client.invalidateQueries({ queryKey: ['runs'] })
  const forEachSelected = async (action: (runId: string) => Promise<unknown>) => {
    for (const runId of selected) await action(runId)
    await refresh()
  }

  const table = (compact: boolean) => (
    <RunTable
      rows={rows}
      columns={shown}
      sorting={sorting}
      onSort={(s) => setQuery({ sort: s[0] ? (s[0].desc ? '-' : '') + s[0].id : null })}
      expanded={expanded}
      onExpand={(next) => {
        const isOpen = (rowId: string) => next === true || next[rowId]
        const items = groupColumn ? [...rows.filter((r) => !isOpen(r.id)).map((r) => r.id), ...ids.filter((i) => isOpen(i)).map((i) => i.slice(0, 8))] : ids.filter(isOpen).map((i) => i.slice(0, 8))
        setQuery({ open: joinList(items) })
      }}
      selected={selected}
      onSelect={select}
      hidden={hidden}
      onHide={toggleIn(hidden, hide)}
      pinned={pinned}
      onPin={toggleIn(pinned, pin)}
      colors={compact ? colors : undefined}
      compact={compact}
    />
  )

  if (unknown) return <Page title="Experiment"><Failure error={unknown} /></Page>

  return (
    <Page
      fill
      crumbs={<><Link to="/experiments">Experiments</Link> /</>}
      title={<><span className="ellipsis">{about?.name ?? '…'}</span>{about && <Copy text={about.experiment_id} label="Copy experiment ID" />}</>}
      actions={
        <Segments
          label="View"
          value={shownAs === 'charts' ? 'charts' : 'table'}
          onChange={(v) => setQuery({ view: v === 'table' ? null : v }, { push: true })}
          options={[
            { value: 'table', label: <><Table2 size={13} /> Table</> },
            { value: 'charts', label: <><ChartSpline size={13} /> Charts</> },
          ]}
        />
      }
    >
      <div className="fillcol">
        <div className="toolbar">
          <FilterField value={filter} onChange={setFilter} vocabulary={vocabulary} error={found.error && found.error.message ? found.error.message : undefined} />
          <Menu
            label="Group by"
            align="end"
            trigger={(p) => <Button icon={<Group size={14} />} className={groupColumn ? 'on' : ''} {...p}>{groupColumn ? `By ${groupColumn.name}` : 'Group'}</Button>}
          >
            <MenuItem onClick={() => setGroup(null)}>No groups</MenuItem>
            <MenuLabel>Parameters</MenuLabel>
            {columns.filter((c) => c.kind === 'params').map((c) => <MenuItem key={c.id} onClick={() => setGroup(c.id)}>{c.name}</MenuItem>)}
            <MenuLabel>Tags</MenuLabel>
            {columns.filter((c) => c.kind === 'tags' || c.id === 'user' || c.id === 'source').map((c) => <MenuItem key={c.id} onClick={() => setGroup(c.id)}>{c.name}</MenuItem>)}
          </Menu>
          <ColumnPicker all={columns} shown={chosen} onChange={(c) => setQuery({ columns: joinList(c) })} onReset={() => setQuery({ columns: null })} />
          <Button icon={<Trash2 size={14} />} className={deleted ? 'on' : ''} aria-pressed={!!deleted} title="Show deleted runs" onClick={() => setQuery({ deleted: !deleted, selected: null }, { push: true })}>Deleted</Button>
          <IconButton label="Download as CSV" look="plain" onClick={() => download(`${about?.name ?? 'runs'}.csv`, toCsv(rows, shown))}>
            <Download size={14} />
          </IconButton>
        </div>
        {selected.size > 0 && (
          <div className="selection">
            <span className="strong" style={{ marginRight: 6 }}>{count(selected.size, 'run')} selected</span>
            <Button small icon={<GitCompareArrows size={13} />} disabled={selected.size < 2} onClick={() => navigate(withQuery('/compare', { runs: [...selected].join(',') }))}>Compare</Button>
            {shownAs !== 'charts' && <Button small icon={<ChartSpline size={13} />} onClick={() => setQuery({ view: 'charts' }, { push: true })}>Charts</Button>}
            <Button small icon={<Pin size={13} />} onClick={() => pin(new Set([...pinned, ...selected]))}>Pin</Button>
            <Button small icon={<Tag size={13} />} onClick={() => setDialog('tag')}>Tag</Button>
            {deleted ? (
              <Button small icon={<RotateCcw size={13} />} onClick={() => forEachSelected(restoreRun).then(() => toast.good(`Restored ${count(selected.size, 'run')}.`), (e: Error) => toast.bad(e.message))}>Restore</Button>
            ) : (
              <Button small look="danger" icon={<Trash2 size={13} />} onClick={() => setDialog('delete')}>Delete</Button>
            )}
            <Button small look="ghost" icon={<X size={13} />} onClick={() => select(new Set())}>Clear</Button>
          </div>
        )}
        {found.error && !found.data ? (
          <Failure error={found.error} retry={found.refetch} />
        ) : found.isPending ? (
          <Loading rows={14} />
        ) : all.length === 0 ? (
          <Empty
            icon={<FlaskConical size={19} />}
            title={filter ? 'No run matches this filter' : deleted ? 'No deleted runs' : 'No runs yet'}
            command={filter || deleted ? undefined : `export MLFLOW_TRACKING_URI=${new URL('.', document.baseURI).href.replace(/\/$/, '')}`}
          >
            {filter ? 'Change a condition, or clear the filter.' : deleted ? 'Deleted runs stay here until garbage collection removes them.' : 'Point any MLflow client at this address and start a run in this experiment.'}
          </Empty>
        ) : shownAs === 'charts' ? (
          <div className="split">
            {!narrow && <div className="split-side">{table(true)}</div>}
            <div className="split-main">
              <Suspense fallback={<Loading />}>
                <ChartBoard rows={visible} colors={colors} all={tree} group={groupColumn} />
              </Suspense>
            </div>
          </div>
        ) : (
          table(false)
        )}
        {all.length > 0 && (
          <div className="grid-foot">
            <span className="num">{count(tree.length, 'run')}{all.length > tree.length ? ` and ${(all.length - tree.length).toLocaleString('en-US')} nested` : ''}{found.data?.more ? ' loaded, there are more. Narrow them with a filter.' : ''}</span>
            {shownAs === 'charts' && selected.size === 0 && tree.length > drawnAtOnce && <span>Charts draw the first {drawnAtOnce}. Select runs to choose others.</span>}
            {query.size > 0 && <Button small look="ghost" onClick={() => navigate(to('experiments', id))}>Reset view</Button>}
          </div>
        )}
      </div>
      {dialog === 'delete' && (
        <Confirm
          title={`Delete ${count(selected.size, 'run')}?`}
          action="Delete"
          danger
          onClose={() => setDialog(undefined)}
          onConfirm={async () => {
            const gone = [...selected]
            await forEachSelected(deleteRun)
            select(new Set())
            toast.good(`Deleted ${count(gone.length, 'run')}.`, () => void Promise.all(gone.map(restoreRun)).then(refresh))
          }}
        >
          <p className="soft">Deleted runs stay under “Deleted” and can be restored until garbage collection removes them.</p>
        </Confirm>
      )}
      {dialog === 'tag' && <TagDialog n={selected.size} onClose={() => setDialog(undefined)} onTag={(k, v) => forEachSelected((r) => setRunTag(r, k, v))} />}
    </Page>
  )
}

function TagDialog({ n, onClose, onTag }: { n: number; onClose: () => void; onTag: (key: string, value: string) => Promise<unknown> }) {
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  return (
    <Confirm title={`Tag ${count(n, 'run')}`} action="Set tag" disabled={!key} onClose={onClose} onConfirm={() => onTag(key, value)}>
      <label className="field"><span>Key</span><input className="input" value={key} onChange={(e) => setKey(e.target.value)} autoFocus /></label>
      <label className="field"><span>Value</span><input className="input" value={value} onChange={(e) => setValue(e.target.value)} /></label>
    </Confirm>
  )
}

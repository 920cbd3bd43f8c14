import { useMemo, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ChevronRight, Maximize2, Search } from 'lucide-react'
import { isActive } from '../api/mlflow'
import { histories } from '../api/series'
import { Button, Dialog, Empty, Failure, IconButton, Loading, Segments } from '../design'
import { useDebounced } from '../lib/hooks'
import { setQuery, useLocation, useQuery as useUrl } from '../lib/router'
import { valueOf, type ColumnKey, type Row } from '../runs/model'
import './charts.css'
import { ImportancePanel } from './ImportancePanel'
import { LinePanel, type Line, type LineSettings } from './LinePanel'
import { palette } from './palette'
import { ParallelPanel } from './ParallelPanel'
import { ScatterPanel } from './ScatterPanel'
import { place, sections, type XAxis } from './series'

type Kind = 'metrics' | 'parallel' | 'scatter' | 'importance'

/** Charts of runs: a panel a metric, and what parameters have to do with them. */
export default function ChartBoard({ rows, colors, all, group, single }: { rows: Row[]; colors: Map<string, string>; all: Row[]; group?: ColumnKey; single?: boolean }) {
  const [kind] = useUrl('charts', 'metrics')
  return (
    <div className="board">
      {!single && (
        <div className="board-bar">
          <Segments<Kind>
            label="Kind of chart"
            value={kind as Kind}
            onChange={(v) => setQuery({ charts: v === 'metrics' ? null : v }, { push: true })}
            options={[
              { value: 'metrics', label: 'Metrics' },
              { value: 'parallel', label: 'Parallel coordinates' },
              { value: 'scatter', label: 'Scatter' },
              { value: 'importance', label: 'Importance' },
            ]}
          />
        </div>
      )}
      {single || kind === 'metrics' ? <MetricPanels rows={rows} colors={colors} group={group} /> : null}
      {!single && kind === 'parallel' && <ParallelPanel rows={all} />}
      {!single && kind === 'scatter' && <ScatterPanel rows={all} colors={colors} />}
      {!single && kind === 'importance' && <ImportancePanel rows={all} />}
    </div>
  )
}

export function MetricPanels({ rows, colors, group, only }: { rows: Row[]; colors: Map<string, string>; group?: ColumnKey; only?: (key: string) => boolean }) {
  const { query } = useLocation()
  const [text, setText] = useUrl('panels')
  const [folded, fold] = useState<Set<string>>(() => new Set(only ? [] : ['system']))
  const [large, setLarge] = useState<string>()
  const x = (query.get('x') ?? 'step') as XAxis
  const stepMetric = query.get('by') ?? ''
  const [smoothText, setSmooth] = useUrl('smooth', '0')
  const smoothing = useDebounced(Math.min(0.99, Number(smoothText) || 0), 60)
  const settings = useMemo<LineSettings>(() => ({ smoothing, x, logX: query.get('logx') === '1', logY: query.get('logy') === '1' }), [smoothing, x, query])

  const keys = useMemo(() => [...new Set(rows.flatMap((r) => [...r.metrics.keys()]))].filter(only ?? (() => true)), [rows, only])
  const shown = useMemo(() => keys.filter((k) => k.toLowerCase().includes(text.toLowerCase())), [keys, text])
  const parts = useMemo(() => sections(shown), [shown])
  const isFolded = (section: string) => folded.has(section)
  const wanted = useMemo(() => [...new Set([...parts.filter(([s]) => !folded.has(s)).flatMap(([, k]) => k), ...(x === 'metric' && stepMetric ? [stepMetric] : [])])].slice(0, 60).sort(), [parts, folded, x, stepMetric])
  const ids = useMemo(() => rows.map((r) => r.id), [rows])
  const active = rows.some((r) => r.status && isActive(r.status))
  const found = useQuery(histories(ids, wanted, active))

  const groupColors = useMemo(() => new Map(group ? [...new Set(rows.map((r) => String(valueOf(r, group) ?? '')))].map((v, i) => [v, palette[i % palette.length]!]) : []), [rows, group])
  const linesOf = useMemo(() => {
    const cache = new Map<string, Line[]>()
    return (key: string): Line[] => {
      const known = cache.get(key)
      if (known) return known
      const lines = rows.flatMap((row): Line[] => {
        const run = found.data?.get(row.id)
        const points = run?.get(key)
        if (!points?.length) return []
        const value = group ? String(valueOf(row, group) ?? '') : undefined
        return [{ name: row.name, color: value === undefined ? (colors.get(row.id) ?? palette[0]!) : groupColors.get(value)!, points: place(points, x, run?.get(stepMetric)), group: value }]
      })
      cache.set(key, lines)
      return lines
    }
  }, [rows, found.data, colors, group, groupColors, x, stepMetric])

  if (rows.length === 0) return <Empty title="No runs to draw">Select runs in the table, or show hidden ones.</Empty>
  if (keys.length === 0) return <Empty title="No metrics">{rows.length === 1 ? 'This run has logged no metrics.' : 'The chosen runs have logged no metrics.'}</Empty>
  return (
    <>
      <div className="board-bar">
        <div className="searchbox" style={{ flexBasis: 200 }}>
          <Search size={14} aria-hidden />
          <input value={text} onChange={(e) => setText(e.target.value)} placeholder="Find a metric" aria-label="Find a metric" />
        </div>
        <Segments<XAxis>
          label="Horizontal axis"
          value={x}
          onChange={(v) => setQuery({ x: v === 'step' ? null : v })}
          options={[
            { value: 'step', label: 'Step' },
            { value: 'relative', label: 'Duration' },
            { value: 'wall', label: 'Time' },
            { value: 'metric', label: 'Metric' },
          ]}
        />
        {x === 'metric' && (
          <select className="select small" style={{ width: 160 }} aria-label="Metric of the horizontal axis" value={stepMetric} onChange={(e) => setQuery({ by: e.target.value })}>
            <option value="">Choose a metric…</option>
            {keys.map((k) => <option key={k}>{k}</option>)}
          </select>
        )}
        <Button small aria-pressed={settings.logX} onClick={() => setQuery({ logx: !settings.logX })}>Log x</Button>
        <Button small aria-pressed={settings.logY} onClick={() => setQuery({ logy: !settings.logY })}>Log y</Button>
        <label className="row small soft">
          Smoothing
          <input type="range" min="0" max="0.99" step="0.01" value={smoothText} onChange={(e) => setSmooth(e.target.value)} style={{ width: 96 }} />
          <span className="num" style={{ width: 28 }}>{Number(smoothText).toFixed(2)}</span>
        </label>
      </div>
      {found.error && <Failure error={found.error} retry={found.refetch} />}
      {parts.map(([section, members]) => (
        <section key={section} className="board-section">
          <button
            className="board-title"
            aria-expanded={!isFolded(section)}
            onClick={() => {
              const next = new Set(folded)
              if (!next.delete(section)) next.add(section)
              fold(next)
            }}
          >
            <ChevronRight size={14} aria-hidden /> {section || 'Metrics'} <span className="muted num">{members.length}</span>
          </button>
          {!isFolded(section) && (
            <div className="panels">
              {members.map((key) => (
                <div key={key} className="panel">
                  <div className="panel-head">
                    <h3 className="ellipsis" title={key}>{section ? key.slice(section.length + 1) : key}</h3>
                    <IconButton small label={`Enlarge ${key}`} onClick={() => setLarge(key)}><Maximize2 size={13} /></IconButton>
                  </div>
                  {found.isPending ? <div className="panel-wait"><Loading rows={4} /></div> : <LinePanel title={key} lines={linesOf(key)} settings={settings} group={active ? undefined : `board-${x}`} />}
                </div>
              ))}
            </div>
          )}
        </section>
      ))}
      {rows.length > 1 && !group && (
        <ul className="legend">
          {rows.map((r) => (
            <li key={r.id}><i style={{ background: colors.get(r.id) }} /> <span className="ellipsis">{r.name}</span></li>
          ))}
        </ul>
      )}
      {large && (
        <Dialog wide title={large} onClose={() => setLarge(undefined)}>
          <LinePanel title={large} lines={linesOf(large)} settings={settings} height={Math.min(520, window.innerHeight - 220)} />
          <p className="muted small">Drag to zoom, double-click to see everything again.</p>
        </Dialog>
      )}
    </>
  )
}

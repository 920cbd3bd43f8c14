import { useCallback, useMemo, useState } from 'react'
import { Button, Empty } from '../design'
import { count } from '../lib/format'
import { joinList, setQuery, useLocation, useQueryList } from '../lib/router'
import { columnsOf, type Row } from '../runs/model'
import { axis, Chart, type Looks } from './Chart'
import type { EChartsType, Option } from './echarts'
import { short } from './LinePanel'

const most = 9

/** A line a run through its parameters to a metric. Drag along an axis to keep only what passes there. */
export function ParallelPanel({ rows }: { rows: Row[] }) {
  const { query } = useLocation()
  const [axes] = useQueryList('axes')
  const [brushed, setBrushed] = useState<string[]>()
  const columns = useMemo(() => columnsOf(rows), [rows])
  const metrics = columns.filter((c) => c.kind === 'metrics')
  const params = useMemo(() => columns.filter((c) => c.kind === 'params' && new Set(rows.flatMap((r) => r.params.get(c.name) ?? [])).size > 1), [columns, rows])
  const target = query.get('target') ?? metrics.find((m) => /^(val|test|eval)/.test(m.name))?.name ?? metrics[0]?.name
  const dims = useMemo(() => (axes.length ? params.filter((p) => axes.includes(p.name)) : params.slice(0, most)), [params, axes])

  const data = useMemo(() => rows.filter((r) => target !== undefined && Number.isFinite(r.metrics.get(target))), [rows, target])
  const option = useCallback(
    (l: Looks): Option => {
      const all = [
        ...dims.map((d, i) => {
          const texts = data.map((r) => r.params.get(d.name))
          const numeric = texts.every((t) => t === undefined || (t !== '' && !Number.isNaN(Number(t))))
          const values = texts.flatMap((t) => (t === undefined ? [] : Number(t)))
          const wide = numeric && values.length > 0 && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 100
          return numeric
            ? { dim: i, name: d.name, type: wide ? 'log' : 'value', scale: true }
            : { dim: i, name: d.name, type: 'category', data: [...new Set(texts.map((t) => t ?? '–'))] }
        }),
        { dim: dims.length, name: target, type: 'value', scale: true },
      ]
      const values = data.map((r) => r.metrics.get(target!)!)
      return {
        parallel: { left: 48, right: 72, top: 48, bottom: 28, parallelAxisDefault: { ...axis(l), axisLine: { lineStyle: { color: l.muted } }, nameLocation: 'end', nameGap: 18, nameTextStyle: { color: l.text, fontSize: 12 }, nameTruncate: { maxWidth: 110 }, axisLabel: { color: l.muted, fontSize: 11, formatter: (v: number | string) => (typeof v === 'number' ? short(v) : v), width: 92, overflow: 'truncate' }, areaSelectStyle: { width: 18, color: l.accent, opacity: 0.16, borderWidth: 1, borderColor: l.accent } } },
        parallelAxis: all,
        visualMap: { show: false, dimension: dims.length, min: Math.min(...values), max: Math.max(...values), inRange: { color: ['#7a8ff7', '#6a5be0', '#c2497f', '#e8833a'] } },
        series: {
          type: 'parallel',
          lineStyle: { width: 1.4, opacity: data.length > 200 ? 0.35 : 0.6 },
          inactiveOpacity: 0.04,
          activeOpacity: 0.9,
          progressive: 0,
          data: data.map((r) => [...dims.map((d, i) => { const v = r.params.get(d.name); return all[i]!.type === 'category' ? (v ?? '–') : v === undefined ? '-' : Number(v) }), r.metrics.get(target!)!]),
        },
      }
    },
    [data, dims, target],
  )

  if (metrics.length === 0 || params.length === 0) return <Empty title="Nothing to compare">Parallel coordinates need a metric and a parameter that differs between runs.</Empty>
  return (
    <div className="panel">
      <div className="panel-head wraps">
        <label className="row small soft">Metric
          <select className="select small" value={target} onChange={(e) => setQuery({ target: e.target.value })}>{metrics.map((m) => <option key={m.id}>{m.name}</option>)}</select>
        </label>
        <div className="row wraps grow" role="group" aria-label="Axes" style={{ gap: 4 }}>
          {params.slice(0, 24).map((p) => (
            <button
              key={p.id}
              className={`btn small${dims.includes(p) ? ' on' : ' ghost'}`}
              aria-pressed={dims.includes(p)}
              onClick={() => setQuery({ axes: joinList((dims.includes(p) ? dims.filter((d) => d !== p) : [...dims, p]).map((d) => d.name)) })}
            >
              {p.name}
            </button>
          ))}
        </div>
        {brushed && brushed.length < data.length && (
          <Button small look="primary" onClick={() => setQuery({ selected: joinList(brushed.map((id) => id.slice(0, 8))), charts: null }, { push: true })}>
            Select {count(brushed.length, 'run')}
          </Button>
        )}
      </div>
      <Chart
        key={dims.map((d) => d.id).join('|') + target}
        label={`Parallel coordinates of ${target}`}
        option={option}
        height={420}
        onEvent={{
          axisareaselected: (_: never, chart: EChartsType) => {
            const series = (chart as unknown as { getModel: () => { getSeriesByIndex: (i: number) => { getRawIndicesByActiveState: (s: string) => number[] } } }).getModel().getSeriesByIndex(0)
            setBrushed(series.getRawIndicesByActiveState('active').map((i) => data[i]!.id))
          },
        }}
      />
      <p className="muted small">Drag along an axis to keep the runs that pass there; click the axis to let go.</p>
    </div>
  )
}

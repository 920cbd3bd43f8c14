import { useCallback, useMemo } from 'react'
import { Button, Empty } from '../design'
import { number } from '../lib/format'
import { navigate, setQuery, to, useLocation } from '../lib/router'
import { columnsOf, valueOf, type Row } from '../runs/model'
import { axis, Chart, tip, tooltip, type Looks } from './Chart'
import type { Option } from './echarts'
import { short } from './LinePanel'
import { palette } from './palette'

export function ScatterPanel({ rows, colors }: { rows: Row[]; colors: Map<string, string> }) {
  const { query } = useLocation()
  const columns = useMemo(() => columnsOf(rows).filter((c) => c.kind === 'metrics' || c.kind === 'params' || c.id === 'duration' || c.id === 'created'), [rows])
  const metrics = columns.filter((c) => c.kind === 'metrics')
  const params = columns.filter((c) => c.kind === 'params')
  const xId = query.get('sx') ?? (params.find((p) => new Set(rows.map((r) => r.params.get(p.name))).size > 2) ?? params[0] ?? metrics[0])?.id
  const yId = query.get('sy') ?? metrics[0]?.id
  const x = columns.find((c) => c.id === xId)
  const y = columns.find((c) => c.id === yId)
  const [logX, logY] = [query.get('logx') === '1', query.get('logy') === '1']

  const option = useCallback(
    (l: Looks): Option => {
      if (!x || !y) return {}
      const points = rows.map((r) => ({ row: r, x: valueOf(r, x), y: valueOf(r, y) })).filter((p) => p.x !== undefined && p.y !== undefined)
      const categories = (key: 'x' | 'y') => (points.some((p) => Number.isNaN(Number(p[key]))) ? [...new Set(points.map((p) => String(p[key])))] : undefined)
      const scale = (key: 'x' | 'y', log: boolean, name: string) => {
        const data = categories(key)
        return { ...axis(l), name, nameLocation: 'middle', nameGap: key === 'x' ? 26 : 46, type: data ? 'category' : log ? 'log' : 'value', data, scale: true, axisLabel: { ...(axis(l).axisLabel as object), formatter: (v: number | string) => (typeof v === 'number' ? short(v) : v) } }
      }
      return {
        grid: { left: 64, right: 20, top: 16, bottom: 44 },
        xAxis: scale('x', logX, x.name),
        yAxis: scale('y', logY, y.name),
        tooltip: { ...tooltip, trigger: 'item', formatter: (i: { data: { run: Row; value: unknown[] } }) => tip(i.data.run.name, [{ name: x.name, value: number(valueOf(i.data.run, x)) }, { name: y.name, value: number(valueOf(i.data.run, y)) }]) },
        series: [{ type: 'scatter', symbolSize: 9, data: points.map((p) => ({ run: p.row, value: [categories('x') ? String(p.x) : Number(p.x), categories('y') ? String(p.y) : Number(p.y)], itemStyle: { color: colors.get(p.row.id) ?? palette[0], opacity: 0.8 } })) }],
      }
    },
    [rows, x, y, colors, logX, logY],
  )
  if (!x || !y) return <Empty title="Nothing to draw">A scatter chart needs at least one metric.</Empty>
  const pick = (label: string, value: string | undefined, name: string) => (
    <label className="row small soft">
      {label}
      <select className="select small" value={value} onChange={(e) => setQuery({ [name]: e.target.value })}>
        {columns.map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}
      </select>
    </label>
  )
  return (
    <div className="panel">
      <div className="panel-head wraps">
        {pick('Horizontal', xId, 'sx')}
        {pick('Vertical', yId, 'sy')}
        <Button small aria-pressed={logX} onClick={() => setQuery({ logx: !logX })}>Log x</Button>
        <Button small aria-pressed={logY} onClick={() => setQuery({ logy: !logY })}>Log y</Button>
      </div>
      <Chart key={x.id + y.id + logX + logY} label={`${y.name} by ${x.name}`} option={option} height={440} onEvent={{ click: ((e: { data: { run: Row } }) => navigate(to('runs', e.data.run.id))) as never }} />
    </div>
  )
}

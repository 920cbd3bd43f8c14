import { memo, useCallback, useMemo } from 'react'
import { duration, number } from '../lib/format'
import { axis, Chart, tip, tooltip, type Looks } from './Chart'
import type { Option } from './echarts'
import { band, smooth, type XAxis } from './series'

export interface Line {
  name: string
  color: string
  points: [number, number][]
  /** Lines of one group become its mean with a band. */
  group?: string
}

export interface LineSettings {
  smoothing: number
  x: XAxis
  logX: boolean
  logY: boolean
}

const positive = (log: boolean, v: number) => (log && v <= 0) || !Number.isFinite(v) ? null : v
export const xText = (x: XAxis, v: number): string => (x === 'relative' ? duration(v * 1000) : x === 'wall' ? new Date(v).toLocaleString('en-GB') : number(v))

/** One metric, all runs in one another. */
export const LinePanel = memo(function LinePanel({ title, lines, settings, group, height = 210 }: { title: string; lines: Line[]; settings: LineSettings; group?: string; height?: number }) {
  const { smoothing, x, logX, logY } = settings
  const drawn = useMemo(() => {
    const groups = new Map<string, Line[]>()
    for (const line of lines) if (line.group !== undefined) groups.set(line.group, [...(groups.get(line.group) ?? []), line])
    if (groups.size === 0) return { lines, bands: [] }
    const bands = [...groups].map(([name, members]) => ({ name: `${name} (${members.length})`, color: members[0]!.color, rows: band(members.map((m) => smooth(m.points, smoothing))) }))
    return { lines: [], bands }
  }, [lines, smoothing])

  const option = useCallback(
    (l: Looks): Option => {
      const fix = ([a, b]: [number, number]) => [positive(logX, a), positive(logY, b)]
      const series: Record<string, unknown>[] = []
      for (const line of drawn.lines) {
        const single = line.points.length === 1
        const common = { type: 'line', showSymbol: single, symbolSize: 7, symbol: 'circle', connectNulls: false, sampling: 'minmax', emphasis: { disabled: true }, large: true }
        if (smoothing > 0 && !single) series.push({ ...common, name: '', silent: true, data: line.points.map(fix), lineStyle: { width: 1, opacity: 0.22, color: line.color }, itemStyle: { color: line.color } })
        series.push({ ...common, name: line.name, data: smooth(line.points, smoothing).map(fix), lineStyle: { width: 1.6, color: line.color }, itemStyle: { color: line.color } })
        const marks = notNumbers(line.points)
        if (marks.length) series.push({ type: 'scatter', name: `${line.name} is not a number`, data: marks.map(fix), symbol: 'path://M0,0L10,10M10,0L0,10', symbolSize: 8, itemStyle: { color: 'transparent', borderColor: l.bad, borderWidth: 2 }, z: 5 })
      }
      for (const b of drawn.bands) {
        series.push({
          type: 'custom', name: '', silent: true, z: 1, clip: true,
          data: [0],
          encode: { x: -1, y: -1 },
          renderItem: (_: unknown, api: { coord: (p: [number, number]) => number[] }) => {
            const usable = b.rows.filter((r) => (!logY || r.low > 0) && (!logX || r.x > 0))
            return {
              type: 'polygon',
              shape: { points: [...usable.map((r) => api.coord([r.x, r.high])), ...usable.toReversed().map((r) => api.coord([r.x, r.low]))] },
              style: { fill: b.color, opacity: 0.16 },
            }
          },
        })
        series.push({ type: 'line', name: b.name, showSymbol: b.rows.length === 1, data: b.rows.map((r) => fix([r.x, r.mean])), lineStyle: { width: 1.8, color: b.color }, itemStyle: { color: b.color }, emphasis: { disabled: true } })
      }
      return {
        grid: { left: 8, right: 14, top: 12, bottom: 6, containLabel: true },
        xAxis: { ...axis(l), type: logX ? 'log' : x === 'wall' ? 'time' : 'value', min: 'dataMin', max: 'dataMax', axisLabel: { ...(axis(l).axisLabel as object), ...(x === 'wall' ? {} : { formatter: (v: number) => (x === 'relative' ? duration(v * 1000) : short(v)) }) }, splitLine: { show: false }, axisPointer: { show: true, type: 'line', label: { show: false }, lineStyle: { color: l.muted, type: 'solid', width: 1 }, snap: false } },
        yAxis: { ...axis(l), type: logY ? 'log' : 'value', scale: true, splitNumber: 4, axisLabel: { ...(axis(l).axisLabel as object), formatter: short } },
        dataZoom: [{ type: 'inside', xAxisIndex: 0, zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false, moveOnMouseMove: 'shift', filterMode: 'none' }],
        toolbox: { itemSize: 0, feature: { dataZoom: { yAxisIndex: false, filterMode: 'none', brushStyle: { color: l.accent, opacity: 0.14 } } } },
        tooltip: {
          ...tooltip,
          trigger: 'axis',
          formatter: (items: { seriesName: string; color: string; value: [number, number]; axisValue: number }[]) => {
            const named = items.filter((i) => i.seriesName && Number.isFinite(i.value?.[1]))
            if (!named.length) return ''
            named.sort((a, b) => b.value[1] - a.value[1])
            return tip(`${x === 'step' ? 'Step ' : ''}${xText(x, named[0]!.value[0])}`, named.map((i) => ({ color: i.color, name: i.seriesName, value: number(i.value[1]) })))
          },
        },
        series,
      }
    },
    [drawn, smoothing, x, logX, logY],
  )

  return (
    <Chart
      label={`Chart of ${title}`}
      option={option}
      height={height}
      group={group}
      onReady={(chart) => {
        chart.dispatchAction({ type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true })
        chart.getZr().on('dblclick', () => chart.dispatchAction({ type: 'dataZoom', start: 0, end: 100 }))
      }}
    />
  )
})

/** Where a value is NaN or infinite: at the height of the number before it. */
function notNumbers(points: [number, number][]): [number, number][] {
  const found: [number, number][] = []
  let last = points.find((p) => Number.isFinite(p[1]))?.[1] ?? 0
  for (const [a, b] of points) {
    if (Number.isFinite(b)) last = b
    else found.push([a, last])
  }
  return found.slice(0, 200)
}

const compactNumber = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 })
export const short = (v: number): string => (v !== 0 && Math.abs(v) < 0.01 ? v.toExponential(0) : Math.abs(v) >= 10_000 ? compactNumber.format(v) : String(Number(v.toPrecision(4))))

import { useCallback } from 'react'
import type { RolloutTest } from '../api/native'
import { axis, Chart, tip, tooltip, type Looks } from '../charts/Chart'
import type { Option } from '../charts/echarts'
import { palette } from '../charts/palette'
import { number } from '../lib/format'
import '../charts/charts.css'
import type { Seen } from './RolloutPage'

/** Sequential p-values against the challenger's requests, with the bounds that they must not cross. */
export default function Bounds({ seen, tests }: { seen: Seen[]; tests: RolloutTest[] }) {
  const option = useCallback(
    (l: Looks): Option => ({
      grid: { left: 8, right: 16, top: 12, bottom: 22, containLabel: true },
      xAxis: { ...axis(l), type: 'value', scale: true, name: 'Requests of the challenger', nameLocation: 'middle', nameGap: 24, splitLine: { show: false } },
      yAxis: { ...axis(l), type: 'log', min: 1e-4, max: 1, axisLabel: { ...(axis(l).axisLabel as object), formatter: (v: number) => (v >= 0.01 ? String(v) : v.toExponential(0)) } },
      tooltip: { ...tooltip, trigger: 'axis', formatter: (items: { seriesName: string; color: string; value: [number, number] }[]) => (items[0] ? tip(`${items[0].value[0].toLocaleString('en-US')} requests`, items.map((i) => ({ color: i.color, name: i.seriesName, value: number(Number(i.value[1].toPrecision(3))) }))) : '') },
      series: tests.map((t, i) => ({
        type: 'line', name: t.name, showSymbol: seen.length < 3, symbolSize: 6, data: seen.map((s) => [s.requests, Math.max(1e-4, s.p[t.name] ?? 1)]), lineStyle: { width: 1.8, color: palette[i % palette.length] }, itemStyle: { color: palette[i % palette.length] }, emphasis: { disabled: true },
        markLine: i === 0 ? { silent: true, symbol: 'none', data: [...new Set(tests.map((x) => x.alpha))].map((a) => ({ yAxis: a, label: { formatter: `bound ${a}`, position: 'insideEndTop', color: l.bad, fontSize: 11 }, lineStyle: { color: l.bad, type: 'dashed' } })) } : undefined,
      })),
    }),
    [seen, tests],
  )
  return <Chart label="Evidence against the challenger" option={option} height={260} />
}

import { useEffect, useRef } from 'react'
import { useTheme } from '../lib/theme'
import { connect, init, type EChartsType, type Option } from './echarts'

export interface Looks {
  text: string
  muted: string
  line: string
  surface: string
  accent: string
  bad: string
  warn: string
  good: string
}

function looks(): Looks {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return { text: of('--text-2'), muted: of('--text-3'), line: of('--line'), surface: of('--raised'), accent: of('--accent'), bad: of('--bad'), warn: of('--warn'), good: of('--good') }
}

/** Axes and tooltips that look like the rest of the page. */
export function axis(l: Looks): Record<string, unknown> {
  return {
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: l.muted, fontSize: 11, fontFamily: 'Inter Variable, sans-serif', hideOverlap: true },
    splitLine: { lineStyle: { color: l.line } },
    nameTextStyle: { color: l.muted, fontSize: 11 },
  }
}

export const tooltip = { className: 'chart-tip', backgroundColor: '', borderWidth: 0, padding: 0, extraCssText: '', confine: true, transitionDuration: 0 }

export function Chart({ option, height = 220, group, label, onEvent, onReady }: {
  option: (l: Looks) => Option
  height?: number
  /** Charts of a group share their cursor and zoom. */
  group?: string
  label: string
  onEvent?: Record<string, (event: never, chart: EChartsType) => void>
  onReady?: (chart: EChartsType) => void
}) {
  const element = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const theme = useTheme()
  const events = useRef(onEvent)
  events.current = onEvent

  useEffect(() => {
    const made = init(element.current!, null, { renderer: 'canvas' })
    chart.current = made
    if (group) {
      made.group = group
      connect(group)
    }
    for (const name of Object.keys(events.current ?? {})) made.on(name, (e: unknown) => events.current?.[name]?.(e as never, made))
    onReady?.(made)
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(element.current!)
    return () => {
      observer.disconnect()
      made.dispose()
      chart.current = null
    }
    // The chart lives as long as its place on the page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [group])

  useEffect(() => {
    chart.current?.setOption({ animation: false, ...option(looks()) }, { notMerge: false, replaceMerge: ['series', 'yAxis', 'xAxis'] })
  }, [option, theme])

  return <div ref={element} role="img" aria-label={label} style={{ width: '100%', height }} />
}

export interface TipLine {
  color?: string
  name: string
  value: string
}

/** A tooltip of elements: what a run is called is text here, whatever it looks like, and no style stands in an attribute. */
export function tip(title: string, lines: TipLine[]): HTMLElement {
  const root = document.createElement('div')
  const head = document.createElement('div')
  head.className = 'chart-tip-title'
  head.textContent = title
  root.append(head)
  for (const line of lines.slice(0, 14)) {
    const row = document.createElement('div')
    row.className = 'chart-tip-row'
    const dot = document.createElement('i')
    if (line.color) dot.style.background = line.color
    const name = document.createElement('span')
    name.textContent = line.name
    const value = document.createElement('b')
    value.textContent = line.value
    row.append(dot, name, value)
    root.append(row)
  }
  if (lines.length > 14) {
    const more = document.createElement('div')
    more.className = 'chart-tip-more'
    more.textContent = `and ${lines.length - 14} more`
    root.append(more)
  }
  return root
}

import { BaseEdge, getSmoothStepPath, type EdgeProps } from '@xyflow/react'

type Point = { x: number; y: number }

/** A line with rounded corners through the points that the layout chose. */
export function pathThrough(points: Point[], radius = 6): string {
  const [first, ...rest] = points
  if (!first) return ''
  let path = `M${first.x} ${first.y}`
  rest.forEach((p, i) => {
    const next = rest[i + 1]
    const before = i === 0 ? first : rest[i - 1]!
    if (!next) {
      path += `L${p.x} ${p.y}`
      return
    }
    const cut = (to: Point) => {
      const length = Math.hypot(to.x - p.x, to.y - p.y) || 1
      const r = Math.min(radius, length / 2)
      return { x: p.x + ((to.x - p.x) / length) * r, y: p.y + ((to.y - p.y) / length) * r }
    }
    const [a, b] = [cut(before), cut(next)]
    path += `L${a.x} ${a.y}Q${p.x} ${p.y} ${b.x} ${b.y}`
  })
  return path
}

export function RoutedEdge(props: EdgeProps) {
  const points = (props.data as { points?: Point[] } | undefined)?.points
  const middle = points?.[Math.floor(points.length / 2)]
  const [path, x, y] = points?.length ? [pathThrough(points), middle!.x, middle!.y] : getSmoothStepPath(props)
  return <BaseEdge id={props.id} path={path} labelX={x} labelY={y} label={props.label} markerEnd={props.markerEnd} labelBgPadding={[4, 2]} labelBgBorderRadius={4} />
}

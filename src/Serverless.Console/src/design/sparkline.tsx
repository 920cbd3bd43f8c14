export function Sparkline({ values, width = 88, height = 22, tone = 'var(--accent)', label }: { values: number[]; width?: number; height?: number; tone?: string; label: string }) {
  const known = values.filter(Number.isFinite)
  if (known.length < 2) return null
  const low = Math.min(...known)
  const span = Math.max(...known) - low || 1
  const x = (i: number) => (i / (values.length - 1)) * width
  const y = (v: number) => height - 2 - ((v - low) / span) * (height - 4)
  const path = values.map((v, i) => (Number.isFinite(v) ? `${i && Number.isFinite(values[i - 1]!) ? 'L' : 'M'}${x(i).toFixed(1)} ${y(v).toFixed(1)}` : '')).join('')
  return (
    <svg className="spark" width={width} height={height} role="img" aria-label={label}>
      <path d={path} fill="none" stroke={tone} strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  )
}

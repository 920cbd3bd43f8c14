import { ago, at, duration } from '../lib/format'
import { useNow } from '../lib/hooks'

export function Ago({ time }: { time: number | string | undefined | null }) {
  const now = useNow()
  if (time === undefined || time === null || time === '') return <span className="muted">–</span>
  return (
    <time className="nowrap" dateTime={new Date(time).toISOString()} title={at(time)}>
      {ago(time, now)}
    </time>
  )
}

/** How long something took, or has been going on. */
export function Duration({ from, to }: { from: number | undefined; to?: number | undefined }) {
  return to === undefined && from !== undefined ? <Growing from={from} /> : <span className="num nowrap">{duration(from === undefined ? undefined : to! - from)}</span>
}

function Growing({ from }: { from: number }) {
  const now = useNow()
  return <span className="num nowrap">{duration(Math.max(0, now - from))}</span>
}

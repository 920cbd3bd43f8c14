const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

export function ago(time: number | Date | string, now = Date.now()): string {
  const at = typeof time === 'number' ? time : new Date(time).getTime()
  const gap = at - now
  const size = Math.abs(gap)
  if (size < 10_000) return gap > 0 ? 'in a moment' : 'just now'
  if (size < minute) return relative.format(Math.trunc(gap / 1000), 'second')
  if (size < hour) return relative.format(Math.trunc(gap / minute), 'minute')
  if (size < day) return relative.format(Math.trunc(gap / hour), 'hour')
  if (size < 30 * day) return relative.format(Math.trunc(gap / day), 'day')
  if (size < 365 * day) return relative.format(Math.trunc(gap / (30 * day)), 'month')
  return relative.format(Math.trunc(gap / (365 * day)), 'year')
}

export const at = (time: number | Date | string): string => dateTime.format(new Date(time))

export function duration(ms: number | undefined | null): string {
  if (ms === undefined || ms === null || !Number.isFinite(ms) || ms < 0) return '–'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < minute) return `${Math.round(ms / 1000)} s`
  if (ms < hour) return `${Math.floor(ms / minute)}m ${Math.floor((ms % minute) / 1000)}s`
  if (ms < day) return `${Math.floor(ms / hour)}h ${Math.floor((ms % hour) / minute)}m`
  return `${Math.floor(ms / day)}d ${Math.floor((ms % day) / hour)}h`
}

/** A metric's value: enough digits to tell runs apart, never a wall of them. */
export function number(value: number | string | undefined | null): string {
  if (value === undefined || value === null || value === '') return '–'
  const n = typeof value === 'number' ? value : Number(value)
  if (Number.isNaN(n)) return 'NaN'
  if (!Number.isFinite(n)) return n > 0 ? '∞' : '−∞'
  if (Number.isInteger(n) && Math.abs(n) < 1e9) return n.toLocaleString('en-US')
  const size = Math.abs(n)
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return n.toExponential(3)
  return String(Number(n.toPrecision(size >= 1000 ? 6 : 5)))
}

export const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits).replace(/\.0+$/, '')} %`

export function bytes(size: number | undefined | null): string {
  if (size === undefined || size === null) return '–'
  if (size < 1024) return `${size} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = size / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

export const count = (n: number, one: string, many = one + 's'): string => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`

export const shortId = (id: string): string => id.slice(0, 8)

import { useEffect, useRef, useState, useSyncExternalStore } from 'react'

/** Times on the page age without a request. */
const tick = {
  now: Date.now(),
  listeners: new Set<() => void>(),
  timer: 0,
}

export function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      tick.listeners.add(listener)
      tick.timer ||= window.setInterval(() => {
        if (document.hidden) return
        tick.now = Date.now()
        for (const l of tick.listeners) l()
      }, 1000)
      return () => {
        tick.listeners.delete(listener)
        if (tick.listeners.size === 0) {
          window.clearInterval(tick.timer)
          tick.timer = 0
        }
      }
    },
    () => tick.now,
  )
}

export function useDebounced<T>(value: T, delay = 250): T {
  const [settled, settle] = useState(value)
  useEffect(() => {
    const timer = window.setTimeout(() => settle(value), delay)
    return () => window.clearTimeout(timer)
  }, [value, delay])
  return settled
}

export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter(Boolean), 'Serverless ML'].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}

/** Runs a handler for keys that no field takes. */
export function useKeys(handle: (e: KeyboardEvent) => void): void {
  const latest = useRef(handle)
  latest.current = handle
  useEffect(() => {
    const listen = (e: KeyboardEvent) => {
      const target = e.target as HTMLElement | null
      if (target?.closest('input, textarea, select, [contenteditable]') && !(e.ctrlKey || e.metaKey)) return
      latest.current(e)
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

export function useSize<T extends HTMLElement>(): [React.RefObject<T | null>, { width: number; height: number }] {
  const ref = useRef<T>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    const element = ref.current
    if (!element) return
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      setSize((old) => (Math.abs(old.width - width) < 1 && Math.abs(old.height - height) < 1 ? old : { width, height }))
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, size]
}

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener)
      return () => narrow.removeEventListener('change', listener)
    },
    () => narrow.matches,
  )
}

const narrow = window.matchMedia('(max-width: 720px)')

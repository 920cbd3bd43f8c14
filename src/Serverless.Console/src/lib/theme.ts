import { useSyncExternalStore } from 'react'

export type ThemeChoice = 'system' | 'light' | 'dark'

const key = 'serverless.theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(key)
    return value === 'light' || value === 'dark' ? value : 'system'
  } catch {
    return 'system'
  }
}

let choice = stored()

const resolved = (): 'light' | 'dark' => (choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice)

export function applyTheme(): void {
  document.documentElement.dataset.theme = resolved()
  for (const listener of listeners) listener()
}

export function setTheme(next: ThemeChoice): void {
  choice = next
  try {
    if (next === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, next)
  } catch {
    // A browser that stores nothing still changes its looks until it is closed.
  }
  applyTheme()
}

dark.addEventListener('change', applyTheme)

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useTheme = (): 'light' | 'dark' => useSyncExternalStore(subscribe, resolved)
export const useThemeChoice = (): ThemeChoice => useSyncExternalStore(subscribe, () => choice)

import type { ReactNode } from 'react'
import { href } from '../lib/router'

export interface Tab {
  id: string
  label: ReactNode
  to: string
  count?: number
}

/** Tabs are links: each is a place of its own. */
export function Tabs({ tabs, current, label }: { tabs: Tab[]; current: string; label: string }) {
  return (
    <div className="tabs" role="tablist" aria-label={label}>
      {tabs.map((t) => (
        <a
          key={t.id}
          role="tab"
          href={href(t.to)}
          aria-selected={t.id === current}
          onKeyDown={(e) => {
            const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0
            if (!by) return
            const all = [...e.currentTarget.parentElement!.querySelectorAll<HTMLElement>('[role=tab]')]
            all[(all.indexOf(e.currentTarget) + by + all.length) % all.length]?.focus()
          }}
        >
          {t.label}
          {t.count !== undefined && <span className="count num">{t.count}</span>}
        </a>
      ))}
    </div>
  )
}

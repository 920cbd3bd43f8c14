import type { ReactNode } from 'react'

export function Card({ title, actions, children, flush, className = '' }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean; className?: string }) {
  return (
    <section className={`card ${className}`}>
      {title && (
        <header>
          <h2 className="ellipsis">{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? 'flush' : 'body'}>{children}</div>
    </section>
  )
}

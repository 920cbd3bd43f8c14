import type { ReactNode } from 'react'

/** Where the reader is, what it is, what can be done with it; then the page. */
export function Page({ crumbs, title, meta, actions, tabs, children, fill }: {
  crumbs?: ReactNode
  title: ReactNode
  meta?: ReactNode
  actions?: ReactNode
  tabs?: ReactNode
  children: ReactNode
  /** The page takes the window's height, and scrolls inside. */
  fill?: boolean
}) {
  return (
    <div className={`page${fill ? ' fill' : ''}`}>
      <header className="page-head">
        {crumbs && <nav className="crumbs" aria-label="Breadcrumb">{crumbs}</nav>}
        <div className="page-title">
          <h1 className="ellipsis">{title}</h1>
          {actions && <div className="page-actions">{actions}</div>}
        </div>
        {meta && <div className="page-meta">{meta}</div>}
        {tabs}
      </header>
      <div className="page-body">{children}</div>
    </div>
  )
}

export function Section({ title, actions, children }: { title: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="stack">
      <div className="row">
        <h2 className="grow">{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  )
}

import type { ReactNode } from 'react'
import { CircleAlert, Inbox, Info, TriangleAlert } from 'lucide-react'
import { Button } from './button'
import { Code } from './copy'

export function Empty({ title, children, icon, command, action }: { title: string; children?: ReactNode; icon?: ReactNode; command?: string; action?: ReactNode }) {
  return (
    <div className="empty">
      <div className="glyph">{icon ?? <Inbox size={19} />}</div>
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {command && <Code>{command}</Code>}
      {action}
    </div>
  )
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const status = (error as { status?: number }).status
  return (
    <div className="empty" role="alert">
      <div className="glyph">
        <CircleAlert size={19} />
      </div>
      <h3>{status === 404 ? 'Not found' : status === 403 ? 'Not allowed' : 'This did not load'}</h3>
      <p className="wrap">{error.message}</p>
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  )
}

export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div className="stack" style={{ padding: 14 }} aria-busy aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="skeleton" style={{ height: 14, width: `${92 - ((i * 37) % 45)}%` }} />
      ))}
    </div>
  )
}

export function Notice({ tone = 'info', title, children, action }: { tone?: 'info' | 'warn' | 'bad'; title?: ReactNode; children?: ReactNode; action?: ReactNode }) {
  const Glyph = tone === 'info' ? Info : tone === 'warn' ? TriangleAlert : CircleAlert
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Glyph size={15} aria-hidden />
      <div className="grow wrap">
        {title && <div className="strong">{title}</div>}
        {children}
      </div>
      {action}
    </div>
  )
}

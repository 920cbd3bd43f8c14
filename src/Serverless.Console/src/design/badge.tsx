import type { ReactNode } from 'react'
import { Ban, Check, CircleDashed, Clock, LoaderCircle, Pause, SkipForward, TriangleAlert, X } from 'lucide-react'

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'accent' | 'mute'

export function Badge({ tone = 'mute', children, outline, title }: { tone?: Tone; children: ReactNode; outline?: boolean; title?: string }) {
  return (
    <span className={`badge ${tone}${outline ? ' outline' : ''}`} title={title}>
      {children}
    </span>
  )
}

const icons = {
  done: Check,
  failed: X,
  running: LoaderCircle,
  waiting: Clock,
  pending: CircleDashed,
  skipped: SkipForward,
  stopped: Ban,
  paused: Pause,
  alert: TriangleAlert,
}

export type StatusIcon = keyof typeof icons

/** A state: shape, word and color, so that no one of them has to be seen. */
export function Status({ tone, icon, children, badge, title }: { tone: Tone; icon: StatusIcon; children?: ReactNode; badge?: boolean; title?: string }) {
  const Glyph = icons[icon]
  return (
    <span className={badge ? `badge ${tone}` : `status ${tone}`} title={title}>
      <Glyph size={badge ? 12 : 14} strokeWidth={2.4} className={icon === 'running' ? 'spin' : undefined} aria-hidden />
      {children}
    </span>
  )
}

import { useState } from 'react'
import { Check, Copy as CopyGlyph } from 'lucide-react'
import { copyText } from '../lib/clipboard'
import { toast } from './toast'

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <button
      type="button"
      className="copy"
      aria-label={copied ? 'Copied' : label}
      title={copied ? 'Copied' : label}
      onClick={(e) => {
        e.stopPropagation()
        e.preventDefault()
        copyText(text).then(
          () => {
            setCopied(true)
            setTimeout(() => setCopied(false), 1400)
          },
          (error: Error) => toast.bad(error.message),
        )
      }}
    >
      {copied ? <Check size={13} /> : <CopyGlyph size={13} />}
    </button>
  )
}

export function Code({ children }: { children: string }) {
  return (
    <div className="codeline">
      <code>{children}</code>
      <Copy text={children} label="Copy command" />
    </div>
  )
}

export function Id({ id, chars = 8 }: { id: string; chars?: number }) {
  return (
    <span className="id" title={id}>
      <span className="ellipsis">{chars ? id.slice(0, chars) : id}</span>
      <Copy text={id} label="Copy ID" />
    </span>
  )
}

import { useEffect, useLayoutEffect, useRef, useState, type ButtonHTMLAttributes, type ReactNode } from 'react'
import { createPortal } from 'react-dom'

/** What opens beside a button and closes on a click elsewhere, Escape or a scroll of the page. */
export function Popover({ trigger, children, align = 'start', width, label }: {
  trigger: (props: { onClick: () => void; 'aria-expanded': boolean; 'aria-haspopup': 'dialog' | 'menu'; ref: React.Ref<HTMLButtonElement> }) => ReactNode
  children: (close: () => void) => ReactNode
  align?: 'start' | 'end'
  width?: number
  label: string
}) {
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const close = () => {
    setOpen(false)
    button.current?.focus()
  }

  useLayoutEffect(() => {
    if (!open || !panel.current || !button.current) return
    const from = button.current.getBoundingClientRect()
    const size = panel.current.getBoundingClientRect()
    const left = align === 'end' ? from.right - size.width : from.left
    const below = from.bottom + 4
    const top = below + size.height > window.innerHeight - 8 && from.top - size.height - 4 > 8 ? from.top - size.height - 4 : below
    panel.current.style.left = `${Math.max(8, Math.min(left, window.innerWidth - size.width - 8))}px`
    panel.current.style.top = `${Math.max(8, top)}px`
  })

  useEffect(() => {
    if (!open) return
    panel.current?.querySelector<HTMLElement>('input, button, a, [tabindex]')?.focus()
    const outside = (e: PointerEvent) => {
      if (!panel.current?.contains(e.target as Node) && !button.current?.contains(e.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])

  return (
    <>
      {trigger({ onClick: () => setOpen(!open), 'aria-expanded': open, 'aria-haspopup': 'menu', ref: button })}
      {open &&
        createPortal(
          <div
            ref={panel}
            className="popover"
            role="dialog"
            aria-label={label}
            style={{ width }}
            onKeyDown={(e) => {
              if (e.key === 'Escape') {
                e.stopPropagation()
                close()
              } else if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
                const items = [...panel.current!.querySelectorAll<HTMLElement>('.menu-item:not(:disabled), input')]
                const index = items.indexOf(document.activeElement as HTMLElement)
                items[(index + (e.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length]?.focus()
                e.preventDefault()
              }
            }}
          >
            {children(close)}
          </div>,
          document.body,
        )}
    </>
  )
}

export function Menu({ trigger, children, align, label }: {
  trigger: Parameters<typeof Popover>[0]['trigger']
  children: ReactNode
  align?: 'start' | 'end'
  label: string
}) {
  return (
    <Popover trigger={trigger} align={align} label={label}>
      {(close) => <div onClick={(e) => (e.target as HTMLElement).closest('.menu-item') && close()}>{children}</div>}
    </Popover>
  )
}

export function MenuItem({ icon, danger, children, ...rest }: { icon?: ReactNode; danger?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className={`menu-item${danger ? ' danger' : ''}`} {...rest}>
      {icon}
      <span className="grow ellipsis">{children}</span>
    </button>
  )
}

export const MenuLabel = ({ children }: { children: ReactNode }) => <div className="menu-label">{children}</div>
export const MenuLine = () => <div className="menu-line" role="separator" />

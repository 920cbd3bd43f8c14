import type { ButtonHTMLAttributes, ReactNode } from 'react'

type Look = 'plain' | 'primary' | 'danger' | 'ghost'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look
  small?: boolean
  icon?: ReactNode
}

export function Button({ look = 'plain', small, icon, className = '', children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button type={type} className={`btn ${look}${small ? ' small' : ''} ${className}`} {...rest}>
      {icon}
      {children}
    </button>
  )
}

export function IconButton({ label, small, look = 'ghost', children, ...rest }: { label: string; look?: Look; small?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className={`btn icon ${look}${small ? ' small' : ''}`} aria-label={label} title={label} {...rest}>
      {children}
    </button>
  )
}

export interface Segment<T extends string> {
  value: T
  label: ReactNode
  title?: string
}

/** A choice of one of a few; arrow keys move it. */
export function Segments<T extends string>({ value, onChange, options, label }: { value: T; onChange: (v: T) => void; options: Segment<T>[]; label: string }) {
  const move = (by: number) => {
    const index = options.findIndex((o) => o.value === value)
    onChange(options[(index + by + options.length) % options.length]!.value)
  }
  return (
    <div
      className="segments"
      role="radiogroup"
      aria-label={label}
      onKeyDown={(e) => {
        if (e.key === 'ArrowRight' || e.key === 'ArrowDown') move(1)
        else if (e.key === 'ArrowLeft' || e.key === 'ArrowUp') move(-1)
        else return
        e.preventDefault()
        const group = e.currentTarget
        requestAnimationFrame(() => group.querySelector<HTMLElement>('[aria-checked=true]')?.focus())
      }}
    >
      {options.map((o) => (
        <button
          key={o.value}
          type="button"
          role="radio"
          aria-checked={o.value === value}
          tabIndex={o.value === value ? 0 : -1}
          title={o.title}
          aria-label={o.title}
          onClick={() => onChange(o.value)}
        >
          {o.label}
        </button>
      ))}
    </div>
  )
}

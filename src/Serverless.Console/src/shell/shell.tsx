import { useEffect, useState, type ReactNode } from 'react'
import { Boxes, Database, FlaskConical, House, Menu as MenuGlyph, Moon, RefreshCcwDot, Search, Settings as Cog, Sun, SunMoon, type LucideIcon } from 'lucide-react'
import { IconButton, Toasts } from '../design'
import { useKeys } from '../lib/hooks'
import { Link, navigate, useLocation } from '../lib/router'
import { setTheme, useThemeChoice } from '../lib/theme'
import { Palette } from './palette'
import { WorkspaceSwitch } from './workspaces'

const places: { to: string; label: string; icon: LucideIcon; first: (string | undefined)[]; key: string }[] = [
  { to: '/', label: 'Home', icon: House, first: [undefined], key: 'h' },
  { to: '/experiments', label: 'Experiments', icon: FlaskConical, first: ['experiments', 'runs', 'compare'], key: 'e' },
  { to: '/models', label: 'Models', icon: Boxes, first: ['models'], key: 'm' },
  { to: '/data', label: 'Data', icon: Database, first: ['data'], key: 'd' },
  { to: '/policies', label: 'Policies', icon: RefreshCcwDot, first: ['policies'], key: 'p' },
  { to: '/settings', label: 'Settings', icon: Cog, first: ['settings'], key: 's' },
]

export const Logo = () => (
  <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden>
    <rect width="32" height="32" rx="8" fill="#4f46e5" />
    <path d="M8 21.5 13 12l4.5 6.5L24 9" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
    <circle cx="24" cy="9" r="2.4" fill="#fff" />
  </svg>
)

export function Shell({ children }: { children: ReactNode }) {
  const { segments, path } = useLocation()
  const [menu, setMenu] = useState(false)
  const [palette, setPalette] = useState(false)
  const [pending, setPending] = useState('')

  useEffect(() => setMenu(false), [path])
  useKeys((e) => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
      e.preventDefault()
      setPalette(true)
    } else if (e.ctrlKey || e.metaKey || e.altKey) return
    else if (pending === 'g') {
      setPending('')
      const place = places.find((p) => p.key === e.key)
      if (place) navigate(place.to)
    } else if (e.key === 'g') setPending('g')
    else if (e.key === '/') {
      const field = document.querySelector<HTMLInputElement>('[data-search]')
      if (field) {
        e.preventDefault()
        field.focus()
      }
    }
  })

  return (
    <div className="shell">
      {menu && <button className="scrim" aria-label="Close the menu" onClick={() => setMenu(false)} />}
      <aside className={`side${menu ? ' open' : ''}`}>
        <Link to="/" className="brand">
          <Logo /> Serverless ML
        </Link>
        <button className="search" onClick={() => setPalette(true)}>
          <Search size={14} aria-hidden />
          <span className="grow">Go to…</span>
          <span className="kbd">Ctrl K</span>
        </button>
        <nav aria-label="Main" className="stack" style={{ gap: 2 }}>
          {places.map(({ to, label, icon: Glyph, first, key }) => (
            <Link key={to} to={to} className="nav" aria-current={first.includes(segments[0]) ? 'page' : undefined} title={`${label} (g ${key})`}>
              <Glyph size={15} aria-hidden /> {label}
            </Link>
          ))}
        </nav>
        <div className="foot">
          <WorkspaceSwitch />
          <ThemeSwitch />
        </div>
      </aside>
      <div className="main">
        <div className="topbar">
          <IconButton label="Menu" onClick={() => setMenu(true)}>
            <MenuGlyph size={17} />
          </IconButton>
          <Link to="/" className="brand" style={{ padding: 0, flex: 1 }}>
            <Logo /> Serverless ML
          </Link>
          <IconButton label="Go to" onClick={() => setPalette(true)}>
            <Search size={16} />
          </IconButton>
        </div>
        <main style={{ display: 'contents' }}>{children}</main>
      </div>
      {palette && <Palette places={places} onClose={() => setPalette(false)} />}
      <Toasts />
    </div>
  )
}

function ThemeSwitch() {
  const choice = useThemeChoice()
  const next = choice === 'system' ? 'light' : choice === 'light' ? 'dark' : 'system'
  const Glyph = choice === 'system' ? SunMoon : choice === 'light' ? Sun : Moon
  return (
    <IconButton label={`Theme: ${choice}. Switch to ${next}.`} onClick={() => setTheme(next)}>
      <Glyph size={15} />
    </IconButton>
  )
}

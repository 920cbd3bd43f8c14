import { useCallback, useMemo, useSyncExternalStore, type AnchorHTMLAttributes } from 'react'

// Routes live in the fragment. The paths of this host belong to protocols (`/models/{name}/invocations`, `/api/…`), the same page has to
// answer at `/` and at `/w/{workspace}/`, and MLflow's and Kubeflow's clients print links with a fragment already.

export interface Location {
  /** Decoded segments of the path. */
  segments: string[]
  path: string
  query: URLSearchParams
}

export type Query = Record<string, string | number | boolean | null | undefined>

export function parse(hash: string): Location {
  const text = hash.replace(/^#/, '')
  const mark = text.indexOf('?')
  const path = mark < 0 ? text : text.slice(0, mark)
  const segments = path.split('/').filter(Boolean).map(decode)
  return { segments, path: '/' + segments.map(encodeURIComponent).join('/'), query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Builds a path; every segment is encoded. */
export function to(...segments: (string | number)[]): string {
  return '/' + segments.map((s) => encodeURIComponent(String(s))).join('/')
}

export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '' && value !== false) search.set(key, value === true ? '1' : String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

export const href = (path: string): string => '#' + path

export function navigate(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace) {
    history.replaceState(null, '', href(path))
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  } else {
    window.location.hash = path
  }
}

const subscribe = (changed: () => void) => {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

export function useLocation(): Location {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash)
  return useMemo(() => parse(hash), [hash])
}

/** Changes parts of the query of where the reader is. A filter in progress replaces; a choice pushes, so that Back undoes it. */
export function setQuery(changes: Query, options: { push?: boolean } = {}): void {
  const { path, query } = parse(window.location.hash)
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '' || value === false) query.delete(key)
    else query.set(key, value === true ? '1' : String(value))
  }
  const text = query.toString()
  navigate(text ? `${path}?${text}` : path, { replace: !options.push })
}

/** A piece of a view's state that a link carries. The default is left out of the address. */
export function useQuery(name: string, fallback = ''): [string, (value: string | null) => void] {
  const { query } = useLocation()
  const set = useCallback((value: string | null) => setQuery({ [name]: value === fallback ? null : value }), [name, fallback])
  return [query.get(name) ?? fallback, set]
}

/** The same for a list of names; a comma inside a name is escaped. */
export function useQueryList(name: string): [string[], (value: string[]) => void] {
  const { query } = useLocation()
  const text = query.get(name) ?? ''
  const list = useMemo(() => splitList(text), [text])
  const set = useCallback((value: string[]) => setQuery({ [name]: joinList(value) }), [name])
  return [list, set]
}

export const joinList = (list: string[]): string => list.map((s) => s.replace(/[\\,]/g, '\\$&')).join(',')

export function splitList(text: string): string[] {
  if (!text) return []
  const items: string[] = []
  let item = ''
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) item += text[++i]
    else if (text[i] === ',') {
      items.push(item)
      item = ''
    } else item += text[i]
  }
  return [...items, item]
}

export function Link({ to: path, ...rest }: { to: string } & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'>) {
  return <a href={href(path)} {...rest} />
}

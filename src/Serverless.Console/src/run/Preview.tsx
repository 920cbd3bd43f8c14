import { useEffect, useMemo, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { FileQuestionMark } from 'lucide-react'
import { send } from '../api/http'
import { viewUrl } from '../api/pipeline'
import { Button, Empty, Failure, Loading, Notice } from '../design'
import { Markdown } from './Markdown'
import { parseTable } from './table'

type Kind = 'image' | 'table' | 'json' | 'markdown' | 'html' | 'pdf' | 'text' | 'other'

const kinds: [Kind, RegExp][] = [
  ['image', /\.(png|jpe?g|gif|webp|bmp|ico|svg|avif)$/i],
  ['table', /\.(csv|tsv)$/i],
  ['json', /\.(json|jsonl|ndjson|ipynb|geojson)$/i],
  ['markdown', /\.(md|markdown)$/i],
  ['html', /\.html?$/i],
  ['pdf', /\.pdf$/i],
  ['text', /\.(txt|log|ya?ml|toml|ini|cfg|conf|py|r|cs|ts|js|sh|sql|xml|env|lock|dvc|diff|patch|requirements)$|(^|\/)(MLmodel|Dockerfile|LICENSE|README)$/i],
]

export const kindOf = (path: string): Kind => kinds.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other'

const most = 512 * 1024
const mostRows = 1000

export function Preview({ url, path, runId }: { url: string; path: string; runId: string }) {
  const kind = kindOf(path)
  if (kind === 'image') return <img src={url} alt={path} />
  if (kind === 'html') return <Html runId={runId} path={path} />
  if (kind === 'pdf') return <Pdf url={url} path={path} />
  if (kind === 'other') return <Empty icon={<FileQuestionMark size={19} />} title="No preview for this kind of file">Download it to open it with its own program.</Empty>
  return <TextFile url={url} kind={kind} path={path} />
}

function useText(url: string) {
  return useQuery({
    queryKey: ['file', url],
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const response = await send(url, { signal, headers: { Range: `bytes=0-${most - 1}` } })
      const total = Number(/\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1] ?? response.headers.get('Content-Length') ?? 0)
      return { text: await response.text(), isCut: total > most }
    },
  })
}

function TextFile({ url, kind, path }: { url: string; kind: Kind; path: string }) {
  const file = useText(url)
  const json = useMemo(() => {
    if (kind !== 'json' || !file.data || file.data.isCut || /l$/.test(path)) return undefined
    try {
      return JSON.stringify(JSON.parse(file.data.text), null, 2)
    } catch {
      return undefined
    }
  }, [file.data, kind, path])
  if (file.isPending) return <Loading />
  if (file.error) return (file.error as { status?: number }).status === 416 ? <Empty title="Empty file" /> : <Failure error={file.error} retry={file.refetch} />
  const { text, isCut } = file.data
  return (
    <>
      {isCut && <div style={{ padding: 10 }}><Notice>This shows the first 512 KB. Download the file to see all of it.</Notice></div>}
      {kind === 'table' ? <TableFile text={text} tab={/\.tsv$/i.test(path)} isCut={isCut} /> : kind === 'markdown' ? <div style={{ padding: 20 }}><Markdown text={text} /></div> : <pre className="codeblock" tabIndex={0}>{json ?? text}</pre>}
    </>
  )
}

function TableFile({ text, tab, isCut }: { text: string; tab: boolean; isCut: boolean }) {
  const { rows, more } = useMemo(() => parseTable(text, tab ? '\t' : ',', mostRows, isCut), [text, tab, isCut])
  const [head, ...body] = rows
  if (!head) return <Empty title="Empty file" />
  return (
    <table className="table num">
      <thead><tr><th className="right">#</th>{head.map((h, i) => <th key={i}>{h}</th>)}</tr></thead>
      <tbody>
        {body.map((r, i) => <tr key={i}><td className="muted right">{i + 1}</td>{head.map((_, c) => <td key={c} className="nowrap">{r[c]}</td>)}</tr>)}
        {more && <tr><td colSpan={head.length + 1} className="muted">The first {body.length.toLocaleString('en-US')} rows.</td></tr>}
      </tbody>
    </table>
  )
}

/** A page that somebody logged: a frame without an origin, and without scripts unless the reader asks for them. */
function Html({ runId, path }: { runId: string; path: string }) {
  const [scripts, setScripts] = useState(false)
  return (
    <div style={{ height: '100%', display: 'flex', flexDirection: 'column' }}>
      <div className="row small muted" style={{ padding: '6px 14px' }}>
        <span className="grow">Shown in a sandbox{scripts ? ', with scripts but no access to this site or the network' : ' without scripts'}.</span>
        <Button small aria-pressed={scripts} onClick={() => setScripts(!scripts)}>Run scripts</Button>
      </div>
      <iframe key={String(scripts)} title={path} sandbox={scripts ? 'allow-scripts' : ''} src={viewUrl(runId, path, scripts)} referrerPolicy="no-referrer" style={{ flex: 1 }} />
    </div>
  )
}

function Pdf({ url, path }: { url: string; path: string }) {
  const [blob, setBlob] = useState<string>()
  const [error, setError] = useState<Error>()
  useEffect(() => {
    let made: string | undefined
    const stop = new AbortController()
    send(url, { signal: stop.signal }).then(
      async (r) => setBlob((made = URL.createObjectURL(new Blob([await r.arrayBuffer()], { type: 'application/pdf' })))),
      (e: Error) => e.name !== 'AbortError' && setError(e),
    )
    return () => {
      stop.abort()
      if (made) URL.revokeObjectURL(made)
    }
  }, [url])
  if (error) return <Failure error={error} />
  return blob ? <iframe title={path} src={blob} /> : <Loading />
}

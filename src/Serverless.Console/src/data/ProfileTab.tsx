import { useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { send } from '../api/http'
import { datasetFiles, datasetFileUrl, type DatasetVersion } from '../api/native'
import { Empty, Failure, Loading, Segments } from '../design'
import { number, percent } from '../lib/format'
import { useQuery as useUrl } from '../lib/router'
import { parseTable } from '../run/table'
import { profile } from './profile'

const longest = 8 << 20

/** What each column looks like, computed here from the version's own bytes. */
export function ProfileTab({ name, version }: { name: string; version: DatasetVersion }) {
  const files = useQuery(datasetFiles(name, version.number))
  const [as, setAs] = useUrl('as', 'columns')
  const [wanted, choose] = useUrl('file')
  const isTable = (p: string) => /\.(csv|tsv)$/i.test(version.file ?? p) || /\.(csv|tsv)$/i.test(p)
  const tables = (files.data ?? []).filter((f) => isTable(f.path))
  const file = tables.find((f) => f.path === wanted) ?? tables[0]
  const content = useQuery({
    queryKey: ['profile', name, version.number, file?.path],
    enabled: !!file,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const response = await send(datasetFileUrl(name, version.number, file!.path).replace(new URL('.', document.baseURI).href, ''), { signal, headers: { Range: `bytes=0-${longest - 1}` } })
      const isCut = response.status === 206 && Number(/\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1] ?? 0) > longest
      const text = await response.text()
      return { isCut, ...parseTable(text, /\.tsv$/i.test(version.file ?? file!.path) ? '\t' : ',', 200_000, isCut) }
    },
  })
  const columns = useMemo(() => (content.data ? profile(content.data.rows) : []), [content.data])
  if (files.error) return <Failure error={files.error} />
  if (!files.data) return <Loading />
  if (!file) return <div className="card"><Empty title="No table in this version">{files.data.length === 1 ? 'Its file is not CSV or TSV.' : `Its ${files.data.length} files are not CSV or TSV.`}</Empty></div>
  if (content.error) return <Failure error={content.error} />
  if (!content.data) return <Loading />
  const [head = [], ...body] = content.data.rows
  return (
    <>
      <div className="row wraps">
        <Segments label="Show" value={as} onChange={setAs} options={[{ value: 'columns', label: 'Columns' }, { value: 'rows', label: 'Rows' }]} />
        {tables.length > 1 && <select className="select small" style={{ width: 'auto' }} aria-label="File" value={file.path} onChange={(e) => choose(e.target.value)}>{tables.map((t) => <option key={t.path}>{t.path}</option>)}</select>}
        <span className="muted small num">{body.length.toLocaleString('en-US')} rows, {head.length} columns{content.data.isCut ? ', from the first 8 MB' : ''}</span>
      </div>
      {as === 'rows' ? (
        <div className="card" style={{ overflow: 'auto', maxHeight: 'calc(100vh - 270px)' }}>
          <table className="table num"><thead><tr>{head.map((h, i) => <th key={i}>{h}</th>)}</tr></thead><tbody>{body.slice(0, 500).map((r, i) => <tr key={i}>{head.map((_, c) => <td key={c} className="nowrap">{r[c]}</td>)}</tr>)}</tbody></table>
        </div>
      ) : (
        <div className="card flush" style={{ overflowX: 'auto' }}>
          <table className="table num">
            <thead><tr><th>Column</th><th>Type</th><th className="right">Missing</th><th className="right">Distinct</th><th className="right">Min</th><th className="right">Mean</th><th className="right">Max</th><th>Distribution</th></tr></thead>
            <tbody>
              {columns.map((c) => {
                const top = Math.max(1, ...c.bars.map((b) => b.count))
                return (
                  <tr key={c.name}>
                    <td className="strong">{c.name}</td>
                    <td className="soft">{c.type}</td>
                    <td className={`right${c.missing ? ' status warn' : ' muted'}`}>{c.missing ? percent(c.missing / c.count, 1) : '0'}</td>
                    <td className="right">{c.distinct.toLocaleString('en-US')}</td>
                    <td className="right">{number(c.min)}</td><td className="right">{c.mean === undefined ? '–' : number(Number(c.mean.toPrecision(5)))}</td><td className="right">{number(c.max)}</td>
                    <td>{c.type === 'number' ? <div className="histogram" role="img" aria-label={`Distribution of ${c.name}`}>{c.bars.map((b, i) => <i key={i} title={`${b.label} ${b.count}`} style={{ height: `${Math.max(4, (b.count / top) * 100)}%` }} />)}</div> : <span className="small soft ellipsis" style={{ display: 'block', maxWidth: 260 }}>{c.bars.slice(0, 4).map((b) => `${b.label} (${percent(b.count / c.count)})`).join(', ')}</span>}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

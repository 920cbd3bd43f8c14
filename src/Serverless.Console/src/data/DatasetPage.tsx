import { useRef } from 'react'
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { GitBranch, Tag, Upload as UploadGlyph } from 'lucide-react'
import { dataset, datasetDiff, datasetFiles, datasetVersions, driftReport, dropFile, lineage, reportUrl, uploads, type DatasetVersion, type Upload } from '../api/native'
import { Ago, Badge, Button, Card, Copy, Empty, Failure, Id, Loading, Notice, Page, Tabs, toast } from '../design'
import { bytes, count, percent } from '../lib/format'
import { useTitle } from '../lib/hooks'
import { Link, setQuery, to, useLocation, withQuery } from '../lib/router'
import { StageBadge } from '../run/Overview'
import { ProfileTab } from './ProfileTab'
import './data.css'

export default function DatasetPage({ name }: { name: string }) {
  useTitle(name)
  const client = useQueryClient()
  const { query } = useLocation()
  const file = useRef<HTMLInputElement>(null)
  const about = useQuery(dataset(name))
  const versions = useQuery(datasetVersions(name))
  const tab = query.get('tab') ?? 'versions'
  const newest = versions.data?.[0]
  const chosen = versions.data?.find((v) => String(v.number) === query.get('version')) ?? newest
  const here = to('data', name)
  const link = (t?: string) => withQuery(here, { tab: t, version: query.get('version') })
  const crumbs = <><Link to="/data">Data</Link> /</>
  if (about.error) return <Page title={name} crumbs={crumbs}><Failure error={about.error} retry={about.refetch} /></Page>
  const drop = async (f: File | undefined) => {
    if (!f) return
    try {
      await dropFile(name, f)
      toast.good(`${f.name} is in the inbox. A version follows once it is read.`)
      setTimeout(() => void Promise.all(['dataset', 'uploads'].map((k) => client.invalidateQueries({ queryKey: [k, name] }))), 4000)
    } catch (e) {
      toast.bad((e as Error).message)
    }
  }
  return (
    <Page
      crumbs={crumbs}
      title={name}
      meta={about.data && <>
        <span>Updated <Ago time={about.data.dataset.updated_at} /></span>
        {about.data.branches.map((b) => <span key={b.name} className="row" style={{ gap: 4 }}><GitBranch size={13} aria-hidden /> {b.name} at {b.head}</span>)}
        {about.data.tags.map((t) => <span key={t.name} className="row" style={{ gap: 4 }}><Tag size={13} aria-hidden /> {t.name} is {t.version}</span>)}
      </>}
      actions={<><input ref={file} type="file" hidden accept=".csv,.tsv,.gz,.parquet" onChange={(e) => { void drop(e.target.files?.[0]); e.target.value = '' }} /><Button icon={<UploadGlyph size={14} />} onClick={() => file.current?.click()}>Upload</Button></>}
      tabs={<Tabs label="Dataset" current={tab} tabs={[{ id: 'versions', label: 'Versions', to: link(), count: versions.data?.length }, { id: 'profile', label: 'Profile', to: link('profile') }, { id: 'diff', label: 'Diff', to: link('diff') }, { id: 'lineage', label: 'Lineage', to: link('lineage') }, { id: 'drift', label: 'Drift', to: link('drift') }]} />}
    >
      {!versions.data ? versions.error ? <Failure error={versions.error} /> : <Loading /> : !chosen ? <div className="card"><Empty title="No versions">Upload a file to begin.</Empty></div> : (
        <div className="stack">
          {tab !== 'versions' && tab !== 'drift' && (
            <label className="row soft">Version
              <select className="select small" style={{ width: 'auto' }} value={chosen.number} onChange={(e) => setQuery({ version: e.target.value })}>{versions.data.map((v) => <option key={v.number} value={v.number}>{v.number} · {v.file ?? v.message ?? v.digest.slice(0, 8)}</option>)}</select>
            </label>
          )}
          {tab === 'versions' && <Versions name={name} versions={versions.data} />}
          {tab === 'profile' && <ProfileTab key={chosen.number} name={name} version={chosen} />}
          {tab === 'diff' && <DiffTab name={name} versions={versions.data} version={chosen} />}
          {tab === 'lineage' && <LineageTab name={name} version={chosen.number} />}
          {tab === 'drift' && <DriftTab name={name} />}
        </div>
      )}
    </Page>
  )
}

function Versions({ name, versions }: { name: string; versions: DatasetVersion[] }) {
  return (
    <div className="card flush" style={{ overflowX: 'auto' }}>
      <table className="table">
        <thead><tr><th>Version</th><th>Branch</th><th>Content</th><th className="right">Rows</th><th className="right">Size</th><th>Message</th><th>Created</th><th>Digest</th></tr></thead>
        <tbody>
          {versions.map((v) => (
            <tr key={v.number}>
              <td><Link className="strong" to={withQuery(to('data', name), { tab: 'profile', version: v.number })}>Version {v.number}</Link></td>
              <td>{v.branch && <Badge>{v.branch}</Badge>}</td>
              <td className="soft">{v.file ?? count(v.file_count, 'file')}</td>
              <td className="right num">{v.rows?.toLocaleString('en-US')}</td>
              <td className="right num nowrap">{bytes(v.size)}</td>
              <td className="soft wrap">{v.message}</td>
              <td className="soft"><Ago time={v.at} /></td>
              <td><Id id={v.digest} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function DiffTab({ name, versions, version }: { name: string; versions: DatasetVersion[]; version: DatasetVersion }) {
  const { query } = useLocation()
  const from = Number(query.get('from')) || versions.find((v) => v.number < version.number)?.number || 0
  const diff = useQuery({ ...datasetDiff(name, from, version.number), enabled: from > 0 && from !== version.number })
  const before = versions.find((v) => v.number === from)
  const [a, b] = [useQuery({ ...datasetFiles(name, from), enabled: from > 0 }), useQuery(datasetFiles(name, version.number))]
  return (
    <>
      <label className="row soft">Compared with
        <select className="select small" style={{ width: 'auto' }} value={from} onChange={(e) => setQuery({ from: e.target.value })}><option value={0}>Choose…</option>{versions.filter((v) => v.number !== version.number).map((v) => <option key={v.number} value={v.number}>{v.number} · {v.file ?? v.digest.slice(0, 8)}</option>)}</select>
      </label>
      {from === 0 ? <div className="card"><Empty title="Nothing to compare with">This is the only version.</Empty></div> : diff.error ? <Failure error={diff.error} /> : !diff.data ? <Loading /> : (
        <>
          <div className="row wraps">
            <Badge tone="good">{count(diff.data.added.length, 'file')} added</Badge><Badge tone="bad">{count(diff.data.removed.length, 'file')} removed</Badge><Badge tone="warn">{count(diff.data.modified.length, 'file')} changed</Badge><Badge>{count(diff.data.renamed.length, 'file')} renamed</Badge>
            {before?.rows !== undefined && version.rows !== undefined && <span className="soft num">{before.rows.toLocaleString('en-US')} → {version.rows.toLocaleString('en-US')} rows</span>}
          </div>
          <div className="card flush">
            <table className="table">
              <tbody>
                {([['added', 'good', '+'], ['removed', 'bad', '−'], ['modified', 'warn', '~'], ['renamed', 'mute', '→']] as const).flatMap(([kind, tone, sign]) => diff.data[kind].slice(0, 500).map((f) => (
                  <tr key={kind + path(f)}><td style={{ width: 24 }}><span className={`status ${tone}`}>{sign}</span></td><td className="mono wrap">{path(f)}</td></tr>
                )))}
                {a.data && b.data && diff.data.added.length + diff.data.removed.length + diff.data.modified.length + diff.data.renamed.length === 0 && <tr><td className="muted" style={{ padding: 14 }}>Both versions hold the same files.</td></tr>}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  )
}

const path = (f: unknown): string => (typeof f === 'string' ? f : ((f as { path?: string; new?: string; to?: string }).path ?? (f as { new?: string }).new ?? (f as { to?: string }).to ?? JSON.stringify(f)))

function LineageTab({ name, version }: { name: string; version: number }) {
  const found = useQuery(lineage(name, version))
  if (found.error) return <Failure error={found.error} />
  if (!found.data) return <Loading />
  const { made_by, used_by, models } = found.data
  const runs = (list: typeof made_by, empty: string) => list.length === 0 ? <p className="muted">{empty}</p> : (
    <ul className="stack tight">{[...new Map(list.map((u) => [u.run_id, u])).values()].map((u) => <li key={u.run_id}><Link className="mono" to={to('runs', u.run_id)}>{u.run_id.slice(0, 8)}</Link> <span className="soft">{list.filter((o) => o.run_id === u.run_id).map((o) => o.task).join(', ')}</span> <span className="muted small">· <Ago time={u.at} /></span></li>)}</ul>
  )
  return (
    <div className="lineage">
      <Card title="Made by">{runs(made_by, 'It was not made by a recorded run: it was uploaded or committed.')}</Card>
      <Card title={`${name} version ${version}`}><p className="soft">Content that these runs read, and models that came of them.</p></Card>
      <Card title="Used by">{runs(used_by, 'No run has used it yet.')}</Card>
      <Card title="Models">{models.length === 0 ? <p className="muted">No registered model learned from it.</p> : <ul className="stack tight">{models.map((m) => <li key={m.name + m.version} className="row"><Link className="grow" to={to('models', m.name, 'versions', m.version)}>{m.name} version {m.version}</Link>{m.stage && <StageBadge stage={m.stage} />}</li>)}</ul>}</Card>
    </div>
  )
}

function DriftTab({ name }: { name: string }) {
  const list = useQuery(uploads(name))
  const { query } = useLocation()
  const reports = (list.data ?? []).flatMap((u) => (u.drift ?? []).filter((d) => d.report).map((d) => ({ upload: u, drift: d })))
  const shown = reports.toSorted((x, y) => x.upload.uploaded_at.localeCompare(y.upload.uploaded_at)).slice(-24)
  const found = useQueries({ queries: shown.map((r) => driftReport(r.drift.report!)) })
  if (list.error) return <Failure error={list.error} />
  if (!list.data) return <Loading />
  const refused = list.data.filter((u) => u.state === 'refused')
  const open = reports.find((r) => r.drift.report === query.get('report'))
  const columns = [...new Set(found.flatMap((f) => Object.keys(f.data?.drift_by_columns ?? {})))]
  const worst = (c: string) => Math.max(...found.map((f) => f.data?.drift_by_columns[c]?.drift_score ?? 0))
  const strength = (c: string, i: number) => { const d = found[i]?.data?.drift_by_columns[c]; return d === undefined ? undefined : d.drift_detected ? 0.35 + 0.65 * Math.min(1, Math.abs(Math.log10(Math.max(1e-12, d.p_value ?? 0.01))) / 12) : 0.08 }
  columns.sort((x, y) => found.filter((f) => f.data?.drift_by_columns[y]?.drift_detected).length - found.filter((f) => f.data?.drift_by_columns[x]?.drift_detected).length || worst(x) - worst(y))
  return (
    <>
      {refused.map((u) => <Refused key={u.key} upload={u} />)}
      {reports.length === 0 ? <div className="card"><Empty title="No drift reports">A policy with a drift trigger on this dataset compares each upload with its reference.</Empty></div> : (
        <>
          <Card flush title="Columns by upload">
            <table className="heat num">
              <thead><tr><th>Column</th>{shown.map((r) => <th key={r.upload.key + r.drift.trigger} title={`${r.upload.file} against ${r.drift.reference}`}><button onClick={() => setQuery({ report: r.drift.report })}>{r.upload.file.replace(/\.(csv|tsv|parquet)(\.gz)?$/, '')}</button></th>)}</tr></thead>
              <tbody>
                <tr className="total"><th>All columns</th>{shown.map((r) => <td key={r.upload.key + r.drift.trigger}><Badge tone={r.drift.has_drifted ? 'bad' : 'good'}>{percent(r.drift.share)}</Badge></td>)}</tr>
                {columns.map((c) => <tr key={c}><th>{c}</th>{shown.map((r, i) => { const s = strength(c, i); const d = found[i]?.data?.drift_by_columns[c]; return <td key={r.upload.key + r.drift.trigger} title={d ? `${c} in ${r.upload.file}: ${d.drift_detected ? 'drifted' : 'no drift'}, ${d.stattest_name} ${d.drift_score.toPrecision(3)}` : ''}><i style={{ background: s === undefined ? 'transparent' : d?.drift_detected ? `color-mix(in srgb, var(--bad) ${Math.round(s * 100)}%, var(--surface))` : 'var(--good-soft)' }}><span className="sr">{d?.drift_detected ? 'drifted' : 'no drift'}</span></i></td> })}</tr>)}
              </tbody>
            </table>
          </Card>
          {open ? (
            <Card flush title={`${open.upload.file} against ${open.drift.reference}`} actions={<a className="btn small" href={reportUrl(open.drift.report!)} target="_blank" rel="noopener noreferrer">Open</a>}>
              <iframe className="report" title={`Drift report of ${open.upload.file}`} sandbox="" src={reportUrl(open.drift.report!)} />
            </Card>
          ) : <p className="muted small">Choose an upload to see its report.</p>}
        </>
      )}
    </>
  )
}

const Refused = ({ upload }: { upload: Upload }) => <Notice tone="warn" title={<>{upload.file} was refused <span className="muted small">· <Ago time={upload.uploaded_at} /></span></>}>{upload.reason} <Copy text={upload.reason ?? ''} label="Copy reason" /></Notice>

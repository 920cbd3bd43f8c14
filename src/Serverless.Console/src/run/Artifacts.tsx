import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ChevronRight, Download, ExternalLink, File, FileCode, FileImage, FileText, Folder, FolderOpen, Package } from 'lucide-react'
import { apiUrl } from '../api/http'
import { artifacts, type FileInfo, type Run } from '../api/mlflow'
import { viewUrl } from '../api/pipeline'
import { Copy, Empty, Failure, Loading } from '../design'
import { bytes } from '../lib/format'
import { setQuery, useQuery as useUrl } from '../lib/router'
import { kindOf, Preview } from './Preview'

/** Where a run's file is read from. */
export function fileUrl(run: Run, path: string): string {
  const root = run.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '')
  return apiUrl(`api/2.0/mlflow-artifacts/artifacts/${[...root.split('/'), ...path.split('/')].map(encodeURIComponent).join('/')}`)
}

/** A run's files, and what the chosen one looks like. */
export function Artifacts({ run }: { run: Run }) {
  const [path] = useUrl('path')
  const root = useQuery(artifacts(run.info.run_id, ''))
  if (root.isPending) return <Loading />
  if (root.error) return <Failure error={root.error} retry={root.refetch} />
  if (root.data.length === 0) return <Empty icon={<Package size={19} />} title="No artifacts">This run has written no files.</Empty>
  return (
    <div className="artifacts">
      <div className="tree" role="tree" aria-label="Artifacts">
        <Level runId={run.info.run_id} files={root.data} depth={0} chosen={path} />
      </div>
      <div className="preview">
        {path ? <Shown key={path} run={run} path={path} /> : <Empty icon={<File size={19} />} title="Choose a file">Images, tables, text, JSON, Markdown, HTML and PDF are shown here.</Empty>}
      </div>
    </div>
  )
}

function Level({ runId, files, depth, chosen }: { runId: string; files: FileInfo[]; depth: number; chosen: string }) {
  const sorted = [...files].sort((a, b) => Number(b.is_dir) - Number(a.is_dir) || a.path.localeCompare(b.path, 'en', { numeric: true }))
  return sorted.map((f) => (f.is_dir ? <Branch key={f.path} runId={runId} file={f} depth={depth} chosen={chosen} /> : <Leaf key={f.path} file={f} depth={depth} chosen={chosen} />))
}

const glyphs = { image: FileImage, text: FileText, markdown: FileText, table: FileText, json: FileCode, html: FileCode, pdf: FileText, other: File }
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

function Leaf({ file, depth, chosen }: { file: FileInfo; depth: number; chosen: string }) {
  const Glyph = glyphs[kindOf(file.path)]
  return (
    <button role="treeitem" className="menu-item" aria-current={file.path === chosen} style={{ paddingLeft: 8 + depth * 14 + 14 }} onClick={() => setQuery({ path: file.path, size: file.file_size })}>
      <Glyph size={14} />
      <span className="grow ellipsis" title={file.path}>{nameOf(file.path)}</span>
      <span className="muted small num">{bytes(file.file_size)}</span>
    </button>
  )
}

function Branch({ runId, file, depth, chosen }: { runId: string; file: FileInfo; depth: number; chosen: string }) {
  const [open, setOpen] = useState(chosen.startsWith(file.path + '/') || depth === 0)
  const inner = useQuery({ ...artifacts(runId, file.path), enabled: open })
  const Glyph = open ? FolderOpen : Folder
  return (
    <div role="none">
      <button role="treeitem" className="menu-item" aria-expanded={open} style={{ paddingLeft: 8 + depth * 14 }} onClick={() => setOpen(!open)}>
        <ChevronRight size={12} style={{ transform: open ? 'rotate(90deg)' : undefined }} />
        <Glyph size={14} />
        <span className="grow ellipsis">{nameOf(file.path)}</span>
      </button>
      {open && inner.data && <div role="group"><Level runId={runId} files={inner.data} depth={depth + 1} chosen={chosen} /></div>}
      {open && inner.error && <p className="small status bad" style={{ paddingLeft: 30 }}>{inner.error.message}</p>}
    </div>
  )
}

function Shown({ run, path }: { run: Run; path: string }) {
  const [size] = useUrl('size')
  const url = fileUrl(run, path)
  return (
    <>
      <header>
        <span className="strong ellipsis grow" title={path}>{path} <Copy text={path} label="Copy path" /></span>
        {size && <span className="muted small num">{bytes(Number(size))}</span>}
        {kindOf(path) === 'html' && <a className="btn small" href={viewUrl(run.info.run_id, path)} target="_blank" rel="noopener noreferrer"><ExternalLink size={13} /> Open</a>}
        <a className="btn small" href={url} download><Download size={13} /> Download</a>
      </header>
      <div className="show"><Preview url={url} path={path} runId={run.info.run_id} /></div>
    </>
  )
}

import { useMemo, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus, Search, X } from 'lucide-react'
import { get } from '../api/http'
import { deleteRunTag, setRunTag, type ModelVersion, type Run } from '../api/mlflow'
import type { PipelineView } from '../api/pipeline'
import { Badge, Button, Card, Confirm, Copy, Fact, Facts, IconButton, Notice, Ticks, toast } from '../design'
import { duration, number } from '../lib/format'
import { Link, to, withQuery } from '../lib/router'
import { Markdown } from './Markdown'
import { Timeline } from './Timeline'

const noteTag = 'mlflow.note.content'

/** What a run is, where it comes from, and what came of it. */
export function Overview({ run, tags, pipeline }: { run: Run; tags: Map<string, string>; pipeline?: PipelineView }) {
  const client = useQueryClient()
  const [dialog, setDialog] = useState<'tag' | 'note'>()
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const id = run.info.run_id
  const refresh = () => client.invalidateQueries({ queryKey: ['run', id] })
  const { data: versions } = useQuery({
    queryKey: ['versions of', id],
    staleTime: 30_000,
    queryFn: async ({ signal }) => (await get<{ model_versions?: ModelVersion[] }>('api/2.0/mlflow/model-versions/search', { filter: `run_id = '${id}'`, max_results: 50 }, signal)).model_versions ?? [],
  })
  const own = [...tags].filter(([k]) => !k.startsWith('mlflow.') && !k.startsWith('serverless.task.'))
  const inputs = run.inputs?.dataset_inputs ?? []
  const failed = pipeline?.tasks.filter((t) => t.state === 'Failed') ?? []
  const note = tags.get(noteTag)
  const reason = tags.get('serverless.task.reason')

  return (
    <div className="stack loose">
      {pipeline?.run.error && (
        <Notice tone="bad" title={pipeline.run.error.message} action={failed[0] && <Link className="btn small" to={withQuery(to('runs', id), { tab: 'log', task: failed[0].path })}>Show log</Link>}>
          {pipeline.run.error.fix && <Ticks text={pipeline.run.error.fix} />}
        </Notice>
      )}
      {!pipeline?.run.error && failed.map((t) => (
        <Notice key={t.path} tone="bad" title={<>{t.path} failed</>} action={<Link className="btn small" to={withQuery(to('runs', id), { tab: 'log', task: t.path })}>Show log</Link>}>
          {t.error?.message}
          {t.error?.fix && <div>{t.error.fix}</div>}
        </Notice>
      ))}
      {reason && <Notice tone={run.info.status === 'FAILED' ? 'bad' : 'info'}>{reason}</Notice>}
      {pipeline?.warnings?.map((w) => <Notice key={w} tone="warn">{w}</Notice>)}
      <div className="run-columns">
        <div className="stack">
          {pipeline && (
            <Card flush title="Tasks" actions={<Link className="btn small ghost" to={withQuery(to('runs', id), { tab: 'graph' })}>Open graph</Link>}>
              <Timeline view={pipeline} />
            </Card>
          )}
          {(note || dialog === 'note') && (
            <Card title="Description" actions={<Button small look="ghost" onClick={() => { setValue(note ?? ''); setDialog('note') }}>Edit</Button>}>
              <Markdown text={note ?? ''} />
            </Card>
          )}
          <Values title="Metrics" empty="No metrics logged." rows={(run.data.metrics ?? []).map((m) => ({ key: m.key, value: number(m.value), raw: String(m.value), step: m.step }))} withStep />
          <Values title="Parameters" empty="No parameters logged." rows={(run.data.params ?? []).map((p) => ({ key: p.key, value: p.value, raw: p.value }))} />
        </div>
        <div className="stack">
          <Card title="Details">
            <Facts>
              {pipeline && <Fact name="Pipeline">{pipeline.pipeline}{pipeline.run.generation > 1 && <> <Badge>Retry {pipeline.run.generation - 1}</Badge></>}</Fact>}
              {tags.get('mlflow.source.name') && <Fact name="Source">{tags.get('mlflow.source.name')}</Fact>}
              {tags.get('mlflow.source.git.commit') && <Fact name="Commit"><span className="id">{tags.get('mlflow.source.git.commit')!.slice(0, 12)}<Copy text={tags.get('mlflow.source.git.commit')!} label="Copy commit" /></span></Fact>}
              {tags.get('mlflow.source.git.branch') && <Fact name="Branch">{tags.get('mlflow.source.git.branch')}</Fact>}
              {tags.get('mlflow.project.entryPoint') && <Fact name="Command"><code>{tags.get('mlflow.project.entryPoint')}</code></Fact>}
              <Fact name="Experiment"><Link to={to('experiments', run.info.experiment_id)}>{run.info.experiment_id}</Link></Fact>
              <Fact name="Duration">{duration(run.info.end_time && run.info.start_time ? run.info.end_time - run.info.start_time : undefined)}</Fact>
              <Fact name="Artifacts"><span className="id wrap">{run.info.artifact_uri}<Copy text={run.info.artifact_uri} label="Copy artifact URI" /></span></Fact>
            </Facts>
          </Card>
          {versions && versions.length > 0 && (
            <Card title="Registered models">
              <ul className="stack tight">
                {versions.map((v) => (
                  <li key={v.name + v.version} className="row">
                    <Link className="grow ellipsis" to={to('models', v.name, 'versions', v.version)}>{v.name} version {v.version}</Link>
                    <StageBadge stage={v.current_stage} />
                  </li>
                ))}
              </ul>
            </Card>
          )}
          {inputs.length > 0 && (
            <Card title="Data">
              <ul className="stack tight">
                {inputs.map((i, n) => (
                  <li key={n} className="row">
                    <span className="grow ellipsis" title={i.dataset.source}>{i.dataset.name}</span>
                    <span className="id">{i.dataset.digest.slice(0, 8)}<Copy text={i.dataset.digest} label="Copy digest" /></span>
                  </li>
                ))}
              </ul>
            </Card>
          )}
          <Card title="Tags" actions={<IconButton small label="Add a tag" onClick={() => { setKey(''); setValue(''); setDialog('tag') }}><Plus size={14} /></IconButton>}>
            {own.length === 0 ? <span className="muted">No tags.</span> : (
              <ul className="tag-list">
                {own.map(([k, v]) => (
                  <li key={k} className="badge outline" title={`${k}: ${v}`}>
                    <span className="muted">{k}</span> <span className="ellipsis">{v}</span>
                    <button className="copy" style={{ width: 16, height: 16 }} aria-label={`Remove ${k}`} onClick={() => deleteRunTag(id, k).then(refresh, (e: Error) => toast.bad(e.message))}><X size={11} /></button>
                  </li>
                ))}
              </ul>
            )}
            {!note && <Button small look="ghost" onClick={() => { setValue(''); setDialog('note') }}>Add a description</Button>}
          </Card>
        </div>
      </div>
      {dialog === 'tag' && (
        <Confirm title="Add a tag" action="Add" disabled={!key.trim()} onClose={() => setDialog(undefined)} onConfirm={() => setRunTag(id, key.trim(), value).then(refresh)}>
          <label className="field"><span>Key</span><input className="input" value={key} onChange={(e) => setKey(e.target.value)} autoFocus /></label>
          <label className="field"><span>Value</span><input className="input" value={value} onChange={(e) => setValue(e.target.value)} /></label>
        </Confirm>
      )}
      {dialog === 'note' && (
        <Confirm title="Description" action="Save" onClose={() => setDialog(undefined)} onConfirm={() => setRunTag(id, noteTag, value).then(refresh)}>
          <textarea className="textarea" rows={9} aria-label="Description in Markdown" value={value} onChange={(e) => setValue(e.target.value)} autoFocus />
        </Confirm>
      )}
    </div>
  )
}

export function StageBadge({ stage }: { stage: string }) {
  if (stage === 'None') return null
  return <Badge tone={stage === 'Production' ? 'good' : stage === 'Staging' ? 'warn' : 'mute'}>{stage}</Badge>
}

function Values({ title, rows, empty, withStep }: { title: string; rows: { key: string; value: string; raw: string; step?: number }[]; empty: string; withStep?: boolean }) {
  const [text, setText] = useState('')
  const shown = useMemo(() => rows.filter((r) => `${r.key} ${r.value}`.toLowerCase().includes(text.toLowerCase())).sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true })), [rows, text])
  return (
    <Card
      flush
      title={<>{title} <span className="muted num">{rows.length}</span></>}
      actions={rows.length > 8 && <div className="searchbox" style={{ height: 26, flexBasis: 180 }}><Search size={13} aria-hidden /><input value={text} onChange={(e) => setText(e.target.value)} placeholder="Find" aria-label={`Find in ${title.toLowerCase()}`} /></div>}
    >
      {rows.length === 0 ? <p className="muted" style={{ padding: 14 }}>{empty}</p> : (
        <table className="table values">
          <tbody>
            {shown.map((r) => (
              <tr key={r.key}>
                <td className="soft wrap key">{r.key}</td>
                <td className={`wrap${withStep ? ' num' : ''}`}><span className={r.value === 'NaN' ? 'status bad' : undefined}>{r.value}</span></td>
                {withStep && <td className="muted num right nowrap small">{r.step ? `step ${r.step.toLocaleString('en-US')}` : ''}</td>}
                <td className="right act"><Copy text={r.raw} label={`Copy ${r.key}`} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  )
}

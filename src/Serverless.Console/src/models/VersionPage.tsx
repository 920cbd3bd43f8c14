import { useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Rocket } from 'lucide-react'
import { get } from '../api/http'
import { setStage, tagMap, type ModelVersion } from '../api/mlflow'
import { modelCard, modelHistory, signature, steerRollout } from '../api/native'
import { Ago, Button, Card, Code, Confirm, Copy, Empty, Fact, Facts, Failure, Loading, Page, Tabs, toast } from '../design'
import { useTitle } from '../lib/hooks'
import { Link, navigate, to, useLocation, withQuery } from '../lib/router'
import { Markdown } from '../run/Markdown'
import { StageBadge } from '../run/Overview'
import { History } from './History'
import { PredictForm } from './PredictForm'
import './models.css'
import '../run/run.css'

export default function VersionPage({ name, version }: { name: string; version: string }) {
  useTitle(`${name} ${version}`)
  const client = useQueryClient()
  const { query } = useLocation()
  const tab = query.get('tab') ?? 'card'
  const [dialog, setDialog] = useState<'stage' | 'rollout'>()
  const [stage, setTo] = useState('Production')
  const [why, setWhy] = useState('')
  const [archive, setArchive] = useState(true)
  const [steps, setSteps] = useState('5%, 25%, 100%')
  const found = useQuery({ queryKey: ['model', name, version, 'version'], queryFn: async ({ signal }) => (await get<{ model_version: ModelVersion }>('api/2.0/mlflow/model-versions/get', { name, version }, signal)).model_version })
  const history = useQuery(modelHistory(name))
  const v = found.data
  const crumbs = <><Link to="/models">Models</Link> / <Link to={to('models', name)}>{name}</Link> /</>
  if (found.error) return <Page title={`Version ${version}`} crumbs={crumbs}><Failure error={found.error} retry={found.refetch} /></Page>
  if (!v) return <Page title={`Version ${version}`} crumbs={crumbs}><Loading /></Page>
  const here = to('models', name, 'versions', version)
  const refresh = () => client.invalidateQueries({ queryKey: ['model', name] })
  const own = history.data?.filter((h) => h.version === Number(version)) ?? []
  const promotion = v.current_stage === 'Production' ? own.find((h) => h.to === 'Production') : undefined
  const tags = [...tagMap(v.tags)]
  return (
    <Page
      crumbs={crumbs}
      title={<><span>Version {version}</span><StageBadge stage={v.current_stage} />{v.aliases?.map((a) => <span key={a} className="badge accent">@{a}</span>)}</>}
      meta={<><span>Registered <Ago time={v.creation_timestamp} /></span>{v.run_id && <span>by run <Link className="mono" to={to('runs', v.run_id)}>{v.run_id.slice(0, 8)}</Link></span>}</>}
      actions={
        <>
          {v.current_stage !== 'Production' && <Button icon={<Rocket size={14} />} onClick={() => { setWhy(''); setDialog('rollout') }}>Roll out</Button>}
          <Button onClick={() => { setWhy(''); setTo(v.current_stage === 'Production' ? 'Archived' : 'Production'); setDialog('stage') }}>Change stage</Button>
        </>
      }
      tabs={<Tabs label="Version" current={tab} tabs={[{ id: 'card', label: 'Card', to: here }, { id: 'signature', label: 'Signature', to: withQuery(here, { tab: 'signature' }) }, { id: 'predict', label: 'Try it', to: withQuery(here, { tab: 'predict' }) }, { id: 'history', label: 'History', to: withQuery(here, { tab: 'history' }) }]} />}
    >
      <div className="run-columns">
        <div className="stack">
          {tab === 'card' && <CardTab name={name} version={version} />}
          {tab === 'signature' && <SignatureTab name={name} version={version} />}
          {tab === 'predict' && <PredictForm name={name} version={version} />}
          {tab === 'history' && <Card title="History">{own.length ? <History name={name} entries={own} /> : <p className="muted">Nothing is recorded for this version.</p>}</Card>}
        </div>
        <div className="stack">
          {promotion && (
            <Card title="Why it is in Production">
              <p className="wrap">{promotion.why ?? 'No reason is recorded.'}</p>
              <p className="muted small" style={{ marginTop: 6 }}>{promotion.by.replace(/\b[0-9a-f]{32}\b/, (x) => x.slice(0, 8))} · <Ago time={promotion.timestamp} /></p>
            </Card>
          )}
          <Card title="Details">
            <Facts>
              <Fact name="Source"><span className="id wrap">{v.source}<Copy text={v.source ?? ''} label="Copy source" /></span></Fact>
              {v.run_id && <Fact name="Run"><Link className="mono" to={to('runs', v.run_id)}>{v.run_id.slice(0, 8)}</Link></Fact>}
              {tags.map(([k, value]) => <Fact key={k} name={<span title={k}>{k.replace(/^serverless\./, '').replace(/_/g, ' ')}</span>}>{/^[0-9a-f]{32}(\.dir)?$/.test(value) ? <span className="id">{value.slice(0, 8)}<Copy text={value} /></span> : value}</Fact>)}
            </Facts>
          </Card>
          <Card title="Use it">
            <div className="stack tight">
              <Code>{`models:/${name}/${version}`}</Code>
              <Code>{`mlops predict ${name} data.csv`}</Code>
              <Code>{`mlops models download ${name} ${version} ./model`}</Code>
            </div>
          </Card>
        </div>
      </div>
      {dialog === 'stage' && (
        <Confirm title={`Change the stage of version ${version}`} action={`Move to ${stage}`} onClose={() => setDialog(undefined)} onConfirm={() => setStage(name, version, stage, why, archive).then(() => { toast.good(`Version ${version} is in ${stage}.`); return refresh() })}>
          <label className="field"><span>Stage</span><select className="select" value={stage} onChange={(e) => setTo(e.target.value)}>{['None', 'Staging', 'Production', 'Archived'].filter((s) => s !== v.current_stage).map((s) => <option key={s}>{s}</option>)}</select></label>
          {(stage === 'Production' || stage === 'Staging') && <label className="check"><input type="checkbox" className="checkbox" checked={archive} onChange={(e) => setArchive(e.target.checked)} /> Archive the version that is in {stage} now</label>}
          <label className="field"><span>Reason <span className="hint">(recorded in the history)</span></span><textarea className="textarea" rows={2} value={why} onChange={(e) => setWhy(e.target.value)} /></label>
        </Confirm>
      )}
      {dialog === 'rollout' && (
        <Confirm title={`Roll out version ${version}`} action="Start rollout" onClose={() => setDialog(undefined)} onConfirm={async () => {
          const shares = steps.split(',').map((s) => Number(s.replace('%', '').trim()) / 100)
          if (shares.some((s) => !(s > 0 && s <= 1))) throw new Error('Give the steps as percentages of the traffic, such as 5%, 25%, 100%.')
          await steerRollout(name, '', { version: Number(version), plan: { steps: shares.map((traffic) => ({ traffic })) }, why: why || undefined })
          await client.invalidateQueries({ queryKey: ['rollout', name] })
          navigate(to('models', name, 'rollout'))
        }}>
          <p className="soft">The version takes a growing share of the requests, and is taken back if it turns out worse than the version in Production.</p>
          <label className="field"><span>Steps</span><input className="input" value={steps} onChange={(e) => setSteps(e.target.value)} /></label>
          <label className="field"><span>Reason</span><textarea className="textarea" rows={2} value={why} onChange={(e) => setWhy(e.target.value)} /></label>
        </Confirm>
      )}
    </Page>
  )
}

function CardTab({ name, version }: { name: string; version: string }) {
  const card = useQuery(modelCard(name, version))
  if (card.error) return <Failure error={card.error} />
  return card.data === undefined ? <Loading /> : <Card><Markdown text={card.data} /></Card>
}

function SignatureTab({ name, version }: { name: string; version: string }) {
  const found = useQuery(signature(name, version))
  if (found.error) return <div className="card"><Empty title="No signature">This version has no MLmodel file that can be read here.</Empty></div>
  if (!found.data) return <Loading />
  const part = (title: string, columns: typeof found.data.inputs) => (
    <Card flush title={<>{title} <span className="muted num">{columns.length}</span></>}>
      {columns.length === 0 ? <p className="muted" style={{ padding: 14 }}>Not recorded.</p> : (
        <table className="table">
          <thead><tr><th>Column</th><th>Type</th><th>Required</th></tr></thead>
          <tbody>{columns.map((c, i) => <tr key={i}><td className="mono">{c.name ?? `#${i}`}</td><td className="soft">{c.type}</td><td className="soft">{c.required === false ? 'No' : 'Yes'}</td></tr>)}</tbody>
        </table>
      )}
    </Card>
  )
  return <>{part('Inputs', found.data.inputs)}{part('Outputs', found.data.outputs)}{found.data.flavors.length > 0 && <p className="muted small">Flavors: {found.data.flavors.join(', ')}</p>}</>
}

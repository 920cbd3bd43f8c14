import { useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Pencil, Plus, RotateCcw } from 'lucide-react'
import { alerts, createWorkspace, restoreArtifact, restoreModel, setRole, settings, trash, workspaces, type Settings } from '../api/native'
import { Ago, Badge, Button, Card, Code, Confirm, Empty, Fact, Facts, Failure, IconButton, Loading, Page, Segments, Tabs, toast } from '../design'
import { bytes } from '../lib/format'
import { useTitle } from '../lib/hooks'
import { useLocation, withQuery } from '../lib/router'
import { setTheme, useThemeChoice, type ThemeChoice } from '../lib/theme'

export default function SettingsPage() {
  useTitle('Settings')
  const { query } = useLocation()
  const tab = query.get('tab') ?? 'general'
  const found = useQuery(settings())
  const link = (t?: string) => withQuery('/settings', { tab: t })
  return (
    <Page title="Settings" tabs={<Tabs label="Settings" current={tab} tabs={[{ id: 'general', label: 'General', to: link() }, { id: 'workspaces', label: 'Workspaces', to: link('workspaces') }, { id: 'roles', label: 'Roles', to: link('roles') }, { id: 'hooks', label: 'Webhooks', to: link('hooks') }, { id: 'alerts', label: 'Alerts', to: link('alerts') }, { id: 'trash', label: 'Trash', to: link('trash') }]} />}>
      {found.error ? <Failure error={found.error} retry={found.refetch} /> : !found.data ? <Loading /> : (
        <div className="stack" style={{ maxWidth: 980 }}>
          {tab === 'general' && <General s={found.data} />}
          {tab === 'workspaces' && <Workspaces policy={found.data.workspace_policy} />}
          {tab === 'roles' && <Roles roles={found.data.roles} />}
          {tab === 'hooks' && <Hooks hooks={found.data.hooks} />}
          {tab === 'alerts' && <AlertsTab />}
          {tab === 'trash' && <TrashTab />}
        </div>
      )}
    </Page>
  )
}

function General({ s }: { s: Settings }) {
  const theme = useThemeChoice()
  return (
    <>
      <Card title="This host">
        <Facts>
          <Fact name="Version">{s.version}</Fact>
          <Fact name="Workspace">{s.workspace}</Fact>
          <Fact name="You are">{s.user}</Fact>
          <Fact name="Secrets">{s.masks_secrets ? 'Params, tags and metrics that look like secrets are masked.' : 'Stored as they come.'}</Fact>
          <Fact name="Predictions">{s.logs_predictions ? `Logged, and kept for ${s.prediction_days} days.` : 'Not logged.'}</Fact>
          <Fact name="Events">Kept for {s.event_days} days.</Fact>
        </Facts>
        <p className="muted small" style={{ marginTop: 12 }}>These are set by environment variables of the host.</p>
      </Card>
      <Card title="Appearance">
        <div className="row"><span className="soft grow">Theme</span><Segments<ThemeChoice> label="Theme" value={theme} onChange={setTheme} options={[{ value: 'system', label: 'System' }, { value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }]} /></div>
      </Card>
      <Card title="Connect a client">
        <div className="stack tight"><Code>{`export MLFLOW_TRACKING_URI=${new URL('.', document.baseURI.replace(/#.*/, '')).href.replace(/\/$/, '')}`}</Code></div>
      </Card>
    </>
  )
}

function Workspaces({ policy }: { policy: string }) {
  const client = useQueryClient()
  const list = useQuery(workspaces())
  const [adding, setAdding] = useState(false)
  const [name, setName] = useState('')
  const root = new URL('.', document.baseURI.replace(/#.*/, '')).pathname.replace(/\/w\/[^/]+\/$/, '/')
  return (
    <Card flush title="Workspaces" actions={<Button small icon={<Plus size={13} />} onClick={() => setAdding(true)}>New workspace</Button>}>
      {!list.data ? <Loading rows={3} /> : (
        <table className="table">
          <thead><tr><th>Name</th><th>Created</th><th>By</th></tr></thead>
          <tbody>{list.data.map((w) => <tr key={w.name}><td><a className="strong" href={w.name === 'default' ? root : `${root}w/${encodeURIComponent(w.name)}/`}>{w.name}</a></td><td className="soft"><Ago time={w.creation_timestamp} /></td><td className="soft">{w.created_by}</td></tr>)}</tbody>
        </table>
      )}
      {adding && (
        <Confirm title="New workspace" action="Create" disabled={!name.trim()} onClose={() => setAdding(false)} onConfirm={() => createWorkspace(name.trim()).then(() => client.invalidateQueries({ queryKey: ['workspaces'] }))}>
          <label className="field"><span>Name</span><input className="input" autoFocus value={name} onChange={(e) => setName(e.target.value)} /></label>
          <p className="soft small">{policy === 'ByAdmin' ? 'Only administrators create workspaces on this host.' : 'A workspace has runs, models and data of its own.'}</p>
        </Confirm>
      )}
    </Card>
  )
}

function Roles({ roles }: { roles: { name: string; members: string[] }[] }) {
  const client = useQueryClient()
  const [editing, setEditing] = useState<{ name: string; members: string; isNew?: boolean }>()
  return (
    <Card flush title="Roles" actions={<Button small icon={<Plus size={13} />} onClick={() => setEditing({ name: '', members: '', isNew: true })}>New role</Button>}>
      {roles.length === 0 ? <Empty title="No roles">A task or a rollout that asks for a role is open to whoever names it, until the role has members.</Empty> : (
        <table className="table">
          <thead><tr><th>Role</th><th>Members</th><th /></tr></thead>
          <tbody>{roles.map((r) => <tr key={r.name}><td className="strong">{r.name}</td><td><div className="row wraps">{r.members.map((m) => <Badge key={m}>{m}</Badge>)}</div></td><td className="right"><IconButton small label={`Edit ${r.name}`} onClick={() => setEditing({ name: r.name, members: r.members.join(', ') })}><Pencil size={13} /></IconButton></td></tr>)}</tbody>
        </table>
      )}
      {editing && (
        <Confirm title={editing.isNew ? 'New role' : `Members of ${editing.name}`} action="Save" disabled={!editing.name.trim()} onClose={() => setEditing(undefined)} onConfirm={() => setRole(editing.name.trim(), editing.members.split(',').map((m) => m.trim()).filter(Boolean)).then(() => client.invalidateQueries({ queryKey: ['settings'] }))}>
          {editing.isNew && <label className="field"><span>Role</span><input className="input" autoFocus value={editing.name} onChange={(e) => setEditing({ ...editing, name: e.target.value })} placeholder="owner" /></label>}
          <label className="field"><span>Members <span className="hint">separated by commas; none removes the role</span></span><input className="input" value={editing.members} onChange={(e) => setEditing({ ...editing, members: e.target.value })} placeholder="alice, bob" /></label>
        </Confirm>
      )}
    </Card>
  )
}

function Hooks({ hooks }: { hooks: { name: string; repository: string; branches: string[]; paths: string[]; pipeline: string; model?: string }[] }) {
  return (
    <Card flush title="Webhooks">
      {hooks.length === 0 ? <Empty title="No webhook mappings" command="mlops hooks apply hooks.yaml">A mapping says which pushes to GitHub start which pipelines.</Empty> : (
        <table className="table">
          <thead><tr><th>Name</th><th>Repository</th><th>Branches</th><th>Files</th><th>Pipeline</th><th>Model</th></tr></thead>
          <tbody>{hooks.map((h) => <tr key={h.name}><td className="strong">{h.name}</td><td>{h.repository}</td><td className="mono">{h.branches.join(', ')}</td><td className="mono">{h.paths.join(', ') || 'any'}</td><td className="mono">{h.pipeline}</td><td>{h.model}</td></tr>)}</tbody>
        </table>
      )}
    </Card>
  )
}

function AlertsTab() {
  const found = useQuery(alerts())
  if (found.error) return <Failure error={found.error} />
  if (!found.data) return <Loading />
  const all = [...found.data.pending.map((a) => ({ ...a, isPending: true })), ...found.data.ended.map((a) => ({ ...a, isPending: false }))]
  return (
    <Card flush title="Alerts">
      {all.length === 0 ? <Empty title="No alerts">What a policy’s <code>alerts</code> send, and what came of it, is listed here.</Empty> : (
        <table className="table">
          <thead><tr><th>Time</th><th>Event</th><th>Text</th><th>To</th><th>State</th></tr></thead>
          <tbody>{all.map((a) => <tr key={a.id + a.target}><td className="soft"><Ago time={a.time} /></td><td className="mono">{a.event}</td><td className="wrap">{a.text}</td><td className="soft wrap">{a.target}</td><td>{a.isPending ? <Badge tone="warn">Waits, {a.attempts} tries</Badge> : a.delivered_at ? <Badge tone="good">Delivered</Badge> : <Badge tone="bad" title={a.error}>Failed</Badge>}</td></tr>)}</tbody>
        </table>
      )}
    </Card>
  )
}

function TrashTab() {
  const client = useQueryClient()
  const found = useQuery(trash())
  if (found.error) return <Failure error={found.error} />
  if (!found.data) return <Loading />
  const act = (p: Promise<unknown>) => p.then(() => { toast.good('Restored.'); return client.invalidateQueries() }, (e: Error) => toast.bad(e.message))
  const { models, artifacts } = found.data
  return (
    <>
      <Card flush title="Models and versions">
        {models.length === 0 ? <p className="muted" style={{ padding: 14 }}>No deleted models.</p> : (
          <table className="table"><tbody>{models.map((m, i) => <tr key={i}><td className="strong">{m.name}{m.version !== undefined && ` version ${m.version}`}</td><td className="soft"><Ago time={m.deleted_timestamp} /></td><td className="right"><Button small icon={<RotateCcw size={13} />} onClick={() => act(restoreModel(m.name, m.version))}>Restore</Button></td></tr>)}</tbody></table>
        )}
      </Card>
      <Card flush title="Artifacts">
        {artifacts.length === 0 ? <p className="muted" style={{ padding: 14 }}>No deleted artifacts.</p> : (
          <table className="table"><tbody>{artifacts.map((a) => <tr key={a.id}><td className="mono wrap">{a.path}</td><td className="soft num">{a.files} files, {bytes(a.bytes)}</td><td className="soft"><Ago time={a.deleted_timestamp} />{a.by && ` by ${a.by}`}</td><td className="right"><Button small icon={<RotateCcw size={13} />} onClick={() => act(restoreArtifact(a.id))}>Restore</Button></td></tr>)}</tbody></table>
        )}
      </Card>
      <p className="muted small">Deleted runs and experiments are listed on their own pages under “Deleted”. Garbage collection (<code>mlops runs gc --apply</code>) removes what was deleted long ago.</p>
    </>
  )
}

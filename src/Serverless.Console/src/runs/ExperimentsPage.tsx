import { useMemo, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { FlaskConical, Plus, RotateCcw, Search, Trash2 } from 'lucide-react'
import { post } from '../api/http'
import { experiments } from '../api/mlflow'
import { Ago, Button, Confirm, Copy, Empty, Failure, IconButton, Loading, Page, toast } from '../design'
import { count } from '../lib/format'
import { useTitle } from '../lib/hooks'
import { Link, navigate, setQuery, to, useQuery as useUrl } from '../lib/router'

export default function ExperimentsPage() {
  useTitle('Experiments')
  const client = useQueryClient()
  const [text, setText] = useUrl('q')
  const [deleted] = useUrl('deleted')
  const [dialog, setDialog] = useState<'new' | { id: string; name: string }>()
  const [name, setName] = useState('')
  const list = useQuery(experiments(deleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY'))
  const shown = useMemo(() => (list.data ?? []).filter((e) => e.name.toLowerCase().includes(text.toLowerCase())), [list.data, text])
  const refresh = () => client.invalidateQueries({ queryKey: ['experiments'] })

  return (
    <Page title="Experiments" actions={<Button look="primary" icon={<Plus size={14} />} onClick={() => setDialog('new')}>New experiment</Button>}>
      <div className="stack">
        <div className="row">
          <div className="searchbox">
            <Search size={14} aria-hidden />
            <input data-search value={text} onChange={(e) => setText(e.target.value)} placeholder="Find an experiment" aria-label="Find an experiment" />
          </div>
          <Button icon={<Trash2 size={14} />} className={deleted ? 'on' : ''} aria-pressed={!!deleted} onClick={() => setQuery({ deleted: !deleted }, { push: true })}>Deleted</Button>
        </div>
        <div className="card">
          {list.isPending ? <Loading /> : list.error ? <Failure error={list.error} retry={list.refetch} /> : shown.length === 0 ? (
            <Empty icon={<FlaskConical size={19} />} title={text ? 'No experiment has that name' : deleted ? 'No deleted experiments' : 'No experiments yet'}>
              {!text && !deleted && 'An experiment appears with the first run that names it.'}
            </Empty>
          ) : (
            <div className="flush">
              <table className="table">
                <thead><tr><th>Name</th><th>ID</th><th>Created</th><th>Updated</th><th><span className="sr">Actions</span></th></tr></thead>
                <tbody>
                  {shown.map((e) => (
                    <tr key={e.experiment_id}>
                      <td><Link to={to('experiments', e.experiment_id)} className="strong">{e.name}</Link></td>
                      <td className="mono soft nowrap">{e.experiment_id} <Copy text={e.experiment_id} label="Copy experiment ID" /></td>
                      <td className="soft"><Ago time={e.creation_time} /></td>
                      <td className="soft"><Ago time={e.last_update_time} /></td>
                      <td className="right">
                        {deleted ? (
                          <Button small icon={<RotateCcw size={13} />} onClick={() => post('api/2.0/mlflow/experiments/restore', { experiment_id: e.experiment_id }).then(refresh, (x: Error) => toast.bad(x.message))}>Restore</Button>
                        ) : (
                          e.experiment_id !== '0' && <IconButton small label={`Delete ${e.name}`} onClick={() => setDialog({ id: e.experiment_id, name: e.name })}><Trash2 size={13} /></IconButton>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </div>
        {list.data && <p className="muted small">{count(shown.length, 'experiment')}</p>}
      </div>
      {dialog === 'new' && (
        <Confirm title="New experiment" action="Create" disabled={!name.trim()} onClose={() => setDialog(undefined)} onConfirm={async () => {
          const made = await post<{ experiment_id: string }>('api/2.0/mlflow/experiments/create', { name: name.trim() })
          await refresh()
          navigate(to('experiments', made.experiment_id))
        }}>
          <label className="field"><span>Name</span><input className="input" autoFocus value={name} onChange={(e) => setName(e.target.value)} /></label>
        </Confirm>
      )}
      {dialog && dialog !== 'new' && (
        <Confirm title={`Delete ${dialog.name}?`} action="Delete" danger onClose={() => setDialog(undefined)} onConfirm={async () => {
          await post('api/2.0/mlflow/experiments/delete', { experiment_id: dialog.id })
          await refresh()
        }}>
          <p className="soft">The experiment and its runs can be restored until garbage collection removes them.</p>
        </Confirm>
      )}
    </Page>
  )
}

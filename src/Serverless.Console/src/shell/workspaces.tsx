import { useQuery } from '@tanstack/react-query'
import { Check, ChevronsUpDown } from 'lucide-react'
import { Menu, MenuItem, MenuLabel } from '../design'
import { workspaces } from '../api/native'
import { workspace } from '../api/http'

/** Each workspace is a page of its own, so that a link always says which one it means. */
export function WorkspaceSwitch() {
  const current = workspace()
  const { data } = useQuery(workspaces())
  const root = new URL(document.baseURI.replace(/#.*$/, '')).pathname.replace(/\/w\/[^/]+\/$/, '/')
  return (
    <Menu
      label="Workspaces"
      trigger={(props) => (
        <button className="workspace" title="Workspace" {...props}>
          <span className="grow ellipsis" style={{ textAlign: 'left' }}>{current}</span>
          <ChevronsUpDown size={13} aria-hidden />
        </button>
      )}
    >
      <MenuLabel>Workspaces</MenuLabel>
      {(data ?? [{ name: current }]).map((w) => (
        <MenuItem
          key={w.name}
          icon={w.name === current ? <Check size={14} /> : <span style={{ width: 14 }} />}
          onClick={() => window.location.assign(w.name === 'default' ? root : `${root}w/${encodeURIComponent(w.name)}/`)}
        >
          {w.name}
        </MenuItem>
      ))}
    </Menu>
  )
}

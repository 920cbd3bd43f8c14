import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api'
import type { TaskNode, TaskView } from '../api/pipeline'

/** A node as it is drawn: where it stands, and what it is. */
export interface Placed {
  path: string
  node: TaskNode
  parent?: string
  x: number
  y: number
  width: number
  height: number
}

export interface Edge {
  id: string
  from: string
  to: string
  label?: string
  /** Where it bends, so that it passes beside other tasks. */
  points?: { x: number; y: number }[]
}

export interface Drawing {
  nodes: Placed[]
  edges: Edge[]
}

const size = { width: 208, height: 56 }

// The layout engine computes beside the page, so that a graph of hundreds of tasks does not hold it up.
let elk: InstanceType<typeof ELK> | undefined
const engine = () => (elk ??= new ELK({ workerFactory: () => new Worker(new URL('elkjs/lib/elk-worker.min.js', import.meta.url)) }))

/** What a task hands to another: the names of the artifacts between them. */
export function edgesOf(tasks: TaskNode[], path: string): Edge[] {
  const at = (name: string) => (path ? `${path}/${name}` : name)
  const names = new Set(tasks.map((t) => t.name))
  return tasks.flatMap((task) =>
    task.needs
      .filter((n) => names.has(n))
      .map((need) => {
        const handed = task.inputs.filter((i) => i.task === need).map((i) => i.name.split('/').at(-1)!)
        return { id: `${at(need)}→${at(task.name)}`, from: at(need), to: at(task.name), label: handed.length > 1 ? `${handed[0]} +${handed.length - 1}` : handed[0] }
      }),
  )
}

export async function layout(tasks: TaskNode[], open: Set<string>, direction: 'DOWN' | 'RIGHT'): Promise<Drawing> {
  const known = new Map<string, { node: TaskNode; parent?: string }>()
  const edges: Edge[] = []
  const build = (list: TaskNode[], path: string): ElkNode[] => {
    edges.push(...edgesOf(list, path))
    return list.map((node) => {
      const id = path ? `${path}/${node.name}` : node.name
      known.set(id, { node, parent: path || undefined })
      const children = node.tasks && open.has(id) ? build(node.tasks, id) : undefined
      return children ? { id, children, layoutOptions: { 'elk.padding': '[top=46,left=16,bottom=16,right=16]' } } : { id, ...size }
    })
  }
  const children = build(tasks, '')
  const root = await engine().layout({
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction,
      'elk.edgeRouting': 'ORTHOGONAL',
      'org.eclipse.elk.json.edgeCoords': 'ROOT',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.spacing.nodeNode': '24',
      'elk.layered.spacing.nodeNodeBetweenLayers': '54',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
    },
    children,
    edges: edges.map((e) => ({ id: e.id, sources: [e.from], targets: [e.to] })),
  })
  const nodes: Placed[] = []
  const collect = (list: ElkNode[] | undefined) => {
    for (const n of list ?? []) {
      const { node, parent } = known.get(n.id)!
      nodes.push({ path: n.id, node, parent, x: n.x ?? 0, y: n.y ?? 0, width: n.width ?? size.width, height: n.height ?? size.height })
      collect(n.children)
    }
  }
  collect(root.children)
  const routes = new Map(((root.edges ?? []) as ElkExtendedEdge[]).map((e) => [e.id, e.sections?.flatMap((s) => [s.startPoint, ...(s.bendPoints ?? []), s.endPoint])]))
  return { nodes, edges: edges.map((e) => ({ ...e, points: routes.get(e.id) })) }
}

/** The records of a node: its own, or those of a loop's items (`train[0]`), also inside of one. */
export function recordsOf(tasks: TaskView[], path: string): TaskView[] {
  const own = tasks.filter((t) => t.path === path)
  if (own.length) return own
  const wanted = path.split('/')
  return tasks.filter((t) => {
    const parts = t.path.split('/')
    return parts.length === wanted.length && parts.every((p, i) => p === wanted[i] || (p.startsWith(wanted[i] + '[') && p.endsWith(']')))
  })
}

/** All records below a node, for the state of a folded group. */
export const below = (tasks: TaskView[], path: string): TaskView[] => tasks.filter((t) => t.path.replace(/\[\d+\](?=\/|$)/g, '').startsWith(path + '/'))

/** The worst of several states is that of them all. */
export function overall(states: TaskView['state'][]): TaskView['state'] {
  const order: TaskView['state'][] = ['Failed', 'WaitingForApproval', 'Running', 'Canceled', 'Succeeded', 'Skipped', 'Pending']
  return order.find((s) => states.includes(s)) ?? 'Pending'
}

/** The way along which the graph is larger on a wide canvas: many layers go down, many tasks side by side go right. */
export function direction(tasks: TaskNode[], width: number, height: number): 'DOWN' | 'RIGHT' {
  const known = new Map(tasks.map((t) => [t.name, t]))
  const layers = new Map<string, number>()
  const layerOf = (name: string): number => {
    const found = layers.get(name)
    if (found !== undefined) return found
    layers.set(name, 0)
    const layer = Math.max(0, ...known.get(name)!.needs.filter((n) => known.has(n)).map((n) => layerOf(n) + 1))
    layers.set(name, layer)
    return layer
  }
  const counts = new Map<number, number>()
  for (const t of tasks) counts.set(layerOf(t.name), (counts.get(layerOf(t.name)) ?? 0) + 1)
  const wide = Math.max(1, ...counts.values())
  const scale = (w: number, h: number) => Math.min(width / w, height / h)
  const right = scale(counts.size * (size.width + 54), wide * (size.height + 24))
  const down = scale(wide * (size.width + 24), counts.size * (size.height + 54))
  return right >= down ? 'RIGHT' : 'DOWN'
}

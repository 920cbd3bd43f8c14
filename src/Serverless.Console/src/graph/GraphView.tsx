import { useEffect, useMemo, useState } from 'react'
import { Background, BackgroundVariant, Controls, Handle, MarkerType, MiniMap, Position, ReactFlow, type Edge as FlowEdge, type Node as FlowNode, type NodeProps } from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { ChevronRight, Repeat, Split, Zap } from 'lucide-react'
import type { PipelineView, TaskNode, TaskView } from '../api/pipeline'
import { Empty, Failure, Loading, Segments } from '../design'
import { count, duration } from '../lib/format'
import { useNarrow } from '../lib/hooks'
import { setQuery, useLocation, useQueryList } from '../lib/router'
import { TaskState } from '../runs/status'
import './graph.css'
import { below, direction as bestDirection, layout, overall, recordsOf, type Drawing } from './layout'
import { RoutedEdge } from './RoutedEdge'
import { TaskPanel } from './TaskPanel'

type TaskData = { path: string; node: TaskNode; records: TaskView[]; state: TaskView['state']; isOpen: boolean; direction: 'DOWN' | 'RIGHT'; onToggle: () => void }
type TaskFlowNode = FlowNode<TaskData, 'task' | 'group'>

const nodeTypes = { task: TaskBox, group: GroupBox }
const edgeTypes = { routed: RoutedEdge }
const noRecords: TaskView[] = []

/** The graph of a run: what each task is, and how far it came. */
export default function GraphView({ view }: { view: PipelineView }) {
  const { query } = useLocation()
  const narrow = useNarrow()
  const [folded] = useQueryList('folded')
  const [drawing, setDrawing] = useState<Drawing>()
  const [error, setError] = useState<Error>()
  const chosen = query.get('task') ?? undefined
  const asked = query.get('direction')
  const best = useMemo(() => bestDirection(view.graph, narrow ? 390 : window.innerWidth - 240, window.innerHeight - 180), [view.graph, narrow])
  const direction = asked === 'right' ? 'RIGHT' : asked === 'down' ? 'DOWN' : best
  const shape = JSON.stringify(view.graph)

  const open = useMemo(() => {
    const groups = (tasks: TaskNode[], path: string): string[] => tasks.flatMap((t) => (t.tasks ? [path + t.name, ...groups(t.tasks, `${path}${t.name}/`)] : []))
    return new Set(groups(view.graph, '').filter((g) => !folded.includes(g)))
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, folded])

  useEffect(() => {
    let current = true
    layout(view.graph, open, direction).then((d) => current && setDrawing(d), (e: Error) => current && setError(e))
    return () => {
      current = false
    }
    // The graph of a run is fixed; its tasks' states are drawn without a new layout.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, open, direction])

  const nodes = useMemo<TaskFlowNode[]>(
    () =>
      (drawing?.nodes ?? []).map((p) => {
        const records = recordsOf(view.tasks, p.path)
        const inner = p.node.tasks ? below(view.tasks, p.path) : noRecords
        return {
          id: p.path,
          type: p.node.tasks && open.has(p.path) ? 'group' : 'task',
          parentId: p.parent,
          position: { x: p.x, y: p.y },
          width: p.width,
          height: p.height,
          selected: p.path === chosen,
          data: {
            path: p.path,
            node: p.node,
            records,
            state: overall([...records, ...inner].map((r) => r.state)),
            isOpen: open.has(p.path),
            direction,
            onToggle: () => setQuery({ folded: (open.has(p.path) ? [...folded, p.path] : folded.filter((f) => f !== p.path)).join(',') }),
          },
        }
      }),
    [drawing, view.tasks, chosen, open, folded, direction],
  )
  const edges = useMemo<FlowEdge[]>(
    () =>
      (drawing?.edges ?? []).map((e) => {
        const active = nodes.find((n) => n.id === e.to)?.data.state === 'Running'
        const near = chosen === e.from || chosen === e.to
        return { id: e.id, source: e.from, target: e.to, label: near ? e.label : undefined, animated: active, className: near ? 'near' : undefined, type: 'routed', data: { points: e.points }, markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 }, zIndex: near ? 5 : 1 }
      }),
    [drawing, nodes, chosen],
  )

  if (error) return <Failure error={error} />
  if (!drawing) return <Loading />
  if (drawing.nodes.length === 0) return <Empty title="No tasks">This pipeline has no tasks.</Empty>
  const found = drawing.nodes.find((n) => n.path === chosen)
  return (
    <div className={`graph${found ? ' with-panel' : ''}`}>
      <div className="graph-canvas">
        <ReactFlow
          key={direction}
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodeClick={(_, n) => setQuery({ task: n.id === chosen ? null : n.id })}
          onPaneClick={() => setQuery({ task: null })}
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          fitView
          fitViewOptions={{ padding: 0.12, maxZoom: 1.1 }}
          minZoom={0.1}
          onlyRenderVisibleElements={drawing.nodes.length > 150}
        >
          <Background variant={BackgroundVariant.Dots} gap={18} size={1} />
          <Controls showInteractive={false} />
          {drawing.nodes.length > 20 && !narrow && <MiniMap pannable zoomable />}
        </ReactFlow>
        <div className="graph-bar">
          <Segments label="Direction" value={direction} onChange={(v) => setQuery({ direction: v === 'RIGHT' ? 'right' : 'down' })} options={[{ value: 'RIGHT', label: 'Left to right' }, { value: 'DOWN', label: 'Top to bottom' }]} />
        </div>
      </div>
      {found && <TaskPanel view={view} path={found.path} node={found.node} records={recordsOf(view.tasks, found.path)} />}
    </div>
  )
}

function spent(records: TaskView[]): string | undefined {
  const [r] = records
  if (records.length !== 1 || !r?.started_at) return undefined
  return duration((r.ended_at ?? Date.now()) - r.started_at)
}

function TaskBox({ data }: NodeProps<TaskFlowNode>) {
  const { node, records, state, direction } = data
  const cached = records.length > 0 && records.every((r) => r.is_cache_hit)
  return (
    <div className={`task ${state.toLowerCase()}`} aria-label={`${node.name}: ${state}`}>
      <Handle type="target" position={direction === 'RIGHT' ? Position.Left : Position.Top} />
      <div className="row" style={{ gap: 7 }}>
        <TaskState state={state} iconOnly />
        <span className="ellipsis grow strong">{node.name}</span>
        {node.loop && <Repeat size={13} aria-label="Loop" />}
        {node.when && <Split size={13} aria-label="Condition" />}
        {node.tasks && (
          <button className="copy" aria-label="Open group" onClick={(e) => { e.stopPropagation(); data.onToggle() }}>
            <ChevronRight size={13} />
          </button>
        )}
      </div>
      <div className="row task-meta">
        <span className="ellipsis grow">{node.tasks ? count(node.tasks.length, 'task') : node.what?.split('\n')[0]}</span>
        {cached ? <span className="row" style={{ gap: 3 }}><Zap size={11} aria-hidden /> Cached</span> : records.length > 1 ? <span className="num">{count(records.length, 'item')}</span> : <span className="num">{spent(records)}</span>}
      </div>
      <Handle type="source" position={direction === 'RIGHT' ? Position.Right : Position.Bottom} />
    </div>
  )
}

function GroupBox({ data }: NodeProps<TaskFlowNode>) {
  return (
    <div className={`task-group ${data.state.toLowerCase()}`}>
      <Handle type="target" position={data.direction === 'RIGHT' ? Position.Left : Position.Top} />
      <div className="row" style={{ gap: 7 }}>
        <TaskState state={data.state} iconOnly />
        <span className="ellipsis grow strong">{data.node.name}</span>
        {data.node.loop && <Repeat size={13} aria-label="Loop" />}
        <button className="copy" aria-label="Fold group" onClick={(e) => { e.stopPropagation(); data.onToggle() }}>
          <ChevronRight size={13} style={{ transform: 'rotate(90deg)' }} />
        </button>
      </div>
      <Handle type="source" position={data.direction === 'RIGHT' ? Position.Right : Position.Bottom} />
    </div>
  )
}

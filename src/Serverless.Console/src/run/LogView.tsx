import { useEffect, useMemo, useRef, useState } from 'react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useQueryClient } from '@tanstack/react-query'
import { ArrowDownToLine, Download, Search, WrapText } from 'lucide-react'
import { readLog, type TaskView } from '../api/pipeline'
import { Button, Empty, Failure, IconButton, Loading } from '../design'
import { download } from '../lib/clipboard'
import { useQuery as useUrl } from '../lib/router'
import { TaskState } from '../runs/status'
import { clean } from './ansi'

const longest = 8 * 1024 * 1024

/** What a task wrote, from its beginning to where it is now. It goes on reading while the run goes on. */
export function LogView({ runId, tasks, active }: { runId: string; tasks?: TaskView[]; active: boolean }) {
  const [chosen, choose] = useUrl('task')
  const withLog = tasks?.filter((t) => t.state !== 'Skipped') ?? []
  // Without a choice: what failed, else what runs, else the last that wrote something.
  const task = chosen || (tasks ? (withLog.find((t) => t.state === 'Failed') ?? withLog.find((t) => t.state === 'Running') ?? withLog.findLast((t) => t.has_log) ?? withLog[0])?.path : undefined)
  if (tasks && withLog.length === 0) return <Empty title="No task has started">Logs appear here as soon as a task writes its first line.</Empty>
  return (
    <div className="log">
      {tasks && (
        <nav className="log-tasks" aria-label="Tasks">
          {withLog.map((t) => (
            <button key={t.path} className="menu-item" aria-current={t.path === task} onClick={() => choose(t.path)}>
              <TaskState state={t.state} iconOnly />
              <span className="grow ellipsis">{t.path}</span>
              {!t.has_log && t.state !== 'Running' && <span className="muted small">empty</span>}
            </button>
          ))}
        </nav>
      )}
      <TaskLog key={`${runId}/${task}`} runId={runId} task={task} record={tasks?.find((t) => t.path === task)} active={active} />
    </div>
  )
}

function TaskLog({ runId, task, record, active }: { runId: string; task?: string; record?: TaskView; active: boolean }) {
  const client = useQueryClient()
  const [text, setText] = useState('')
  const [ended, setEnded] = useState(false)
  const [loaded, setLoaded] = useState(false)
  const [error, setError] = useState<Error>()
  const [sought, seek] = useUrl('find')
  const [follow, setFollow] = useState(true)
  const [wrap, setWrap] = useState(true)
  const [at, setAt] = useState(0)
  const scroll = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const stop = new AbortController()
    let offset = 0
    let timer = 0
    let read = ''
    const next = async () => {
      if (document.hidden) {
        timer = window.setTimeout(next, 2000)
        return
      }
      try {
        const part = await readLog(runId, task, offset, stop.signal)
        if (part.text) {
          read = (read + part.text).slice(-longest)
          setText(read)
        }
        const grew = part.next_offset > offset
        offset = part.next_offset
        setLoaded(true)
        setError(undefined)
        if (!part.is_ended) timer = window.setTimeout(next, grew ? 300 : 2000)
        else if (grew) timer = window.setTimeout(next, 0)
        else {
          setEnded(true)
          if (active) void client.invalidateQueries({ queryKey: ['pipeline', runId] })
        }
      } catch (e) {
        if ((e as Error).name === 'AbortError') return
        setError(e as Error)
        setLoaded(true)
        timer = window.setTimeout(next, 5000)
      }
    }
    void next()
    return () => {
      stop.abort()
      window.clearTimeout(timer)
    }
    // A log is read from its start once; the run's own state does not begin it anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [runId, task])

  const lines = useMemo(() => (text ? clean(text).replace(/\n$/, '').split('\n') : []), [text])
  const hits = useMemo(() => {
    const needle = sought.toLowerCase()
    return needle ? lines.flatMap((l, i) => (l.toLowerCase().includes(needle) ? [i] : [])) : []
  }, [lines, sought])
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroll.current, estimateSize: () => 19, overscan: 40 })
  useEffect(() => virtual.measure(), [wrap, virtual])

  useEffect(() => {
    if (follow && !sought && lines.length) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [lines.length, follow, sought, virtual])
  useEffect(() => {
    const hit = hits[at % Math.max(1, hits.length)]
    if (hit !== undefined) virtual.scrollToIndex(hit, { align: 'center' })
  }, [at, hits, virtual])

  return (
    <div className="log-main">
      <div className="log-bar">
        <div className="searchbox">
          <Search size={14} aria-hidden />
          <input data-search value={sought} onChange={(e) => { seek(e.target.value); setAt(0) }} onKeyDown={(e) => e.key === 'Enter' && setAt((n) => (n + (e.shiftKey ? hits.length - 1 : 1)) % Math.max(1, hits.length))} placeholder="Find in log" aria-label="Find in log" />
          {sought && <span className="num small nowrap">{hits.length ? `${(at % hits.length) + 1} / ${hits.length}` : 'none'}</span>}
        </div>
        <span className="grow" />
        {!ended && loaded && <span className="status info small"><span className="dot pulse" /> Live</span>}
        <Button small icon={<WrapText size={13} />} aria-pressed={wrap} onClick={() => setWrap(!wrap)}>Wrap</Button>
        <Button small icon={<ArrowDownToLine size={13} />} aria-pressed={follow} onClick={() => setFollow(!follow)}>Follow</Button>
        <IconButton small look="plain" label="Download log" onClick={() => download(`${task ?? runId}.log`, text, 'text/plain')}><Download size={13} /></IconButton>
      </div>
      {record?.state === 'Failed' && record.error && (
        <div className="log-error" role="alert">
          <strong>{record.path} failed{record.exit_code !== undefined ? ` with exit code ${record.exit_code}` : ''}.</strong> {record.error.message} {record.error.fix}
        </div>
      )}
      {error && !text ? <Failure error={error} /> : !loaded ? <Loading /> : lines.length === 0 ? (
        <Empty title={record?.is_cache_hit ? 'Nothing ran' : 'Nothing written'}>{record?.is_cache_hit ? 'The outputs came from the cache.' : ended ? 'The task wrote no output.' : 'Lines appear here as the task writes them.'}</Empty>
      ) : (
        <div
          className={`log-lines${wrap ? ' wraps' : ''}`}
          ref={scroll}
          tabIndex={0}
          role="log"
          aria-label={`Log of ${task ?? 'the task'}`}
          onScroll={(e) => {
            const { scrollTop, scrollHeight, clientHeight } = e.currentTarget
            setFollow(scrollHeight - scrollTop - clientHeight < 40)
          }}
        >
          <div style={{ height: virtual.getTotalSize(), position: 'relative', minWidth: wrap ? undefined : 'max-content' }}>
            {virtual.getVirtualItems().map((item) => (
              <div key={item.key} data-index={item.index} ref={virtual.measureElement} className={`log-line${hits[at % Math.max(1, hits.length)] === item.index ? ' hit' : ''}`} style={{ transform: `translateY(${item.start}px)` }}>
                <span className="log-number" aria-hidden>{item.index + 1}</span>
                <span>{mark(lines[item.index]!, sought)}</span>
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  )
}

function mark(line: string, sought: string) {
  if (!sought) return line
  const parts: React.ReactNode[] = []
  const lower = line.toLowerCase()
  const needle = sought.toLowerCase()
  let from = 0
  for (let i = lower.indexOf(needle); i >= 0 && parts.length < 200; i = lower.indexOf(needle, from)) {
    parts.push(line.slice(from, i), <mark key={i}>{line.slice(i, i + needle.length)}</mark>)
    from = i + needle.length
  }
  return [...parts, line.slice(from)]
}

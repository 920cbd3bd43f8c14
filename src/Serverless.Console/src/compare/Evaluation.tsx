import { lazy, Suspense } from 'react'
import { useQuery, type QueryClient } from '@tanstack/react-query'
import { send } from '../api/http'
import { artifacts, type Run } from '../api/mlflow'
import { Empty, Failure, Loading } from '../design'
import { number } from '../lib/format'
import { fileUrl } from '../run/Artifacts'
import { parseTable } from '../run/table'
import { confusion, curves, readScored, type Scored } from './evaluation'
import '../charts/charts.css'

const LinePanel = lazy(() => import('../charts/LinePanel').then((m) => ({ default: m.LinePanel })))
const most = 4
const longest = 16 << 20

interface Evaluated {
  run: Run
  path: string
  scored: Scored
}

/** The tables of predictions that a run wrote. */
async function read(client: QueryClient, run: Run): Promise<Evaluated[]> {
  const paths: string[] = []
  const walk = async (path: string, depth: number): Promise<void> => {
    for (const f of await client.fetchQuery(artifacts(run.info.run_id, path))) {
      if (f.is_dir && depth < 3) await walk(f.path, depth + 1)
      else if (!f.is_dir && /predict|eval.*table/i.test(f.path) && /\.(csv|tsv)$/i.test(f.path) && (f.file_size ?? 0) < longest) paths.push(f.path)
    }
  }
  await walk('', 0)
  const found = await Promise.all(paths.slice(0, most).map(async (path) => {
    const { rows } = parseTable(await (await send(fileUrl(run, path))).text(), path.endsWith('.tsv') ? '\t' : ',', 200_000, false)
    const scored = readScored(rows)
    return scored ? [{ run, path, scored }] : []
  }))
  return found.flat()
}

export function EvaluationPanels({ runs, colors }: { runs: Run[]; colors: Map<string, string> }) {
  const found = useQuery({
    queryKey: ['evaluation', runs.map((r) => r.info.run_id)],
    staleTime: Infinity,
    queryFn: async ({ client }) => (await Promise.all(runs.map((r) => read(client, r)))).flat(),
  })
  if (found.error) return <Failure error={found.error} />
  if (!found.data) return <Loading />
  if (found.data.length === 0) return <Empty title="No predictions to evaluate">A run that writes a table of predictions (a CSV with the columns label, predicted and score) is compared here by confusion matrix, ROC and precision–recall curves.</Empty>
  const drawn = found.data.flatMap((e, i) => {
    const c = curves(e.scored)
    return c ? [{ ...e, c, color: runs.length > 1 && found.data.length === runs.length ? colors.get(e.run.info.run_id)! : hues[i % hues.length]! }] : []
  })
  const name = (e: Evaluated) => `${e.run.info.run_name} · ${e.path.split('/').slice(-2, -1)[0] ?? e.path}`
  const settings = { smoothing: 0, x: 'metric' as const, logX: false, logY: false }
  return (
    <div className="stack">
      {drawn.length > 0 && (
        <div className="cards" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 400px), 1fr))' }}>
          <Suspense fallback={<Loading />}>
            <section className="panel"><h3>ROC curve</h3><LinePanel title="ROC" height={300} settings={settings} lines={drawn.map((d) => ({ name: `${name(d)} (AUC ${number(d.c.auc)})`, color: d.color, points: thin(d.c.roc) }))} /><p className="muted small">True positive rate by false positive rate</p></section>
            <section className="panel"><h3>Precision–recall curve</h3><LinePanel title="Precision and recall" height={300} settings={settings} lines={drawn.map((d) => ({ name: name(d), color: d.color, points: thin(d.c.pr) }))} /><p className="muted small">Precision by recall</p></section>
          </Suspense>
        </div>
      )}
      <div className="cards">
        {found.data.map((e) => <Matrix key={e.run.info.run_id + e.path} title={name(e)} path={e.path} scored={e.scored} />)}
      </div>
    </div>
  )
}

const hues = ['#4f6df5', '#e0803a', '#24a582', '#d1497d', '#8a63d2', '#b59a1a', '#2f9fd0', '#c2554d']
const thin = (points: [number, number][]): [number, number][] => (points.length <= 800 ? points : points.filter((_, i) => i % Math.ceil(points.length / 800) === 0 || i === points.length - 1))

function Matrix({ title, path, scored }: { title: string; path: string; scored: Scored }) {
  const { classes, counts } = confusion(scored)
  if (classes.length > 20) return null
  const total = scored.truth.length
  const right = counts.reduce((s, r, i) => s + r[i]!, 0)
  return (
    <section className="panel">
      <div className="panel-head"><h3 className="ellipsis" title={path}>{title}</h3><span className="small soft num">accuracy {number(right / total)}</span></div>
      <table className="matrix num">
        <caption className="sr">Confusion matrix: rows are the truth, columns the prediction</caption>
        <thead><tr><th /><th colSpan={classes.length} className="muted">Predicted</th></tr><tr><th className="muted">Actual</th>{classes.map((c) => <th key={c}>{c}</th>)}</tr></thead>
        <tbody>
          {counts.map((row, i) => {
            const sum = row.reduce((a, b) => a + b, 0) || 1
            return <tr key={i}><th>{classes[i]}</th>{row.map((n, j) => <td key={j} style={{ background: `color-mix(in srgb, ${i === j ? 'var(--good)' : 'var(--bad)'} ${Math.round((n / sum) * 60)}%, var(--surface))` }}>{n.toLocaleString('en-US')}<small>{Math.round((n / sum) * 100)} %</small></td>)}</tr>
          })}
        </tbody>
      </table>
    </section>
  )
}

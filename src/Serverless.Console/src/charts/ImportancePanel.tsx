import { useMemo } from 'react'
import { Empty } from '../design'
import { percent } from '../lib/format'
import { setQuery, useLocation } from '../lib/router'
import { columnsOf, type Row } from '../runs/model'
import { importance } from './importance'

export function ImportancePanel({ rows }: { rows: Row[] }) {
  const { query } = useLocation()
  const metrics = useMemo(() => columnsOf(rows).filter((c) => c.kind === 'metrics'), [rows])
  const target = query.get('target') ?? metrics.find((m) => /^(val|test|eval)/.test(m.name))?.name ?? metrics[0]?.name
  const found = useMemo(() => {
    const samples = rows.flatMap((r) => (target !== undefined && r.metrics.has(target) ? [{ params: r.params, target: r.metrics.get(target)! }] : []))
    return importance(samples.slice(0, 1000))
  }, [rows, target])
  if (target === undefined) return <Empty title="No metrics">Importance is measured against a metric.</Empty>
  return (
    <div className="panel">
      <div className="panel-head">
        <label className="row small soft">Metric
          <select className="select small" value={target} onChange={(e) => setQuery({ target: e.target.value })}>{metrics.map((m) => <option key={m.id}>{m.name}</option>)}</select>
        </label>
      </div>
      {found.length === 0 ? <Empty title="Too few runs">Importance needs at least five runs with this metric and a parameter that differs.</Empty> : (
        <table className="table">
          <thead><tr><th>Parameter</th><th style={{ width: '46%' }}>Importance</th><th>Correlation</th></tr></thead>
          <tbody>
            {found.slice(0, 30).map((f) => (
              <tr key={f.name}>
                <td className="mono">{f.name}</td>
                <td><div className="row"><div className="bar grow"><span style={{ width: `${f.importance * 100}%` }} /></div><span className="num soft" style={{ width: 40, textAlign: 'right' }}>{percent(f.importance)}</span></div></td>
                <td className="num">{Number.isNaN(f.correlation) ? <span className="muted">category</span> : <span className={`status ${f.correlation > 0 ? 'good' : 'bad'}`}>{f.correlation > 0 ? '+' : '−'}{Math.abs(f.correlation).toFixed(2)}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="muted small" style={{ padding: '8px 0 0' }}>Importance: how much worse a forest of regression trees predicts the metric when a parameter’s values are shuffled. Correlation: Spearman’s rank correlation.</p>
    </div>
  )
}

import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { inputExample, predict, signature, type Prediction, type SignatureColumn } from '../api/native'
import { Button, Card, Code, Empty, Loading, Notice } from '../design'
import { number } from '../lib/format'

const isNumber = (type: string) => /long|integer|double|float/.test(type)

/** What is typed, as the column's type has it; an empty field is left out. */
export function valueOf(column: SignatureColumn, text: string): unknown {
  if (text === '') return undefined
  if (isNumber(column.type)) return Number(text)
  if (column.type === 'boolean') return text === 'true'
  return text
}

/** A form made of the version's signature, filled with its own example. */
export function PredictForm({ name, version }: { name: string; version: string }) {
  const sign = useQuery(signature(name, version))
  const example = useQuery(inputExample(name, version))
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [answer, setAnswer] = useState<Prediction>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  if (sign.isPending || example.isLoading) return <Loading />
  const columns = (sign.data?.inputs ?? []).filter((c): c is SignatureColumn & { name: string } => !!c.name)
  if (columns.length === 0) return <div className="card"><Empty title="No form for this version">It has no signature with named columns. Send requests to <code>/models/{name}/invocations</code>.</Empty></div>
  const first = Object.fromEntries((example.data?.columns ?? []).map((c, i) => [c, example.data?.data?.[0]?.[i]]))
  const textOf = (c: { name: string }) => typed[c.name] ?? (first[c.name] === undefined || first[c.name] === null ? '' : String(first[c.name]))
  const record = Object.fromEntries(columns.flatMap((c) => { const v = valueOf(c, textOf(c)); return v === undefined ? [] : [[c.name, v]] }))
  const ask = async () => {
    setBusy(true)
    setError(undefined)
    try {
      setAnswer(await predict(name, version, record))
    } catch (e) {
      setAnswer(undefined)
      setError((e as Error).message)
    } finally {
      setBusy(false)
    }
  }
  const [first_] = answer?.predictions ?? []
  return (
    <Card title="Try a prediction">
      <form className="stack" onSubmit={(e) => { e.preventDefault(); void ask() }}>
        <div className="predict-form">
          {columns.map((c) => (
            <label key={c.name} className="field">
              <span>{c.name} <span className="hint">{c.type}{c.required === false ? ', optional' : ''}</span></span>
              {c.type === 'boolean' ? <select className="select" value={textOf(c)} onChange={(e) => setTyped({ ...typed, [c.name]: e.target.value })}><option value="" /><option>true</option><option>false</option></select>
                : <input className="input" type={isNumber(c.type) ? 'number' : 'text'} step={/long|integer/.test(c.type) ? 1 : 'any'} value={textOf(c)} onChange={(e) => setTyped({ ...typed, [c.name]: e.target.value })} />}
            </label>
          ))}
        </div>
        <div className="row"><Button type="submit" look="primary" icon={<Play size={13} />} disabled={busy}>Predict</Button><Button look="ghost" onClick={() => setTyped({})}>Reset</Button></div>
        {error && <Notice tone="bad">{error}</Notice>}
        {answer && (
          <div className="answer" role="status">
            {first_ !== null && typeof first_ === 'object' ? (
              <dl className="row wraps" style={{ gap: 24 }}>{Object.entries(first_ as Record<string, unknown>).map(([k, v]) => <div key={k}><dt className="small muted">{k}</dt><dd style={{ fontSize: 18, fontWeight: 600 }}>{typeof v === 'number' ? number(v) : String(v)}</dd></div>)}</dl>
            ) : <strong>{JSON.stringify(first_)}</strong>}
            <p className="muted small" style={{ marginTop: 6 }}>Answered by version {answer.version ?? version}.</p>
          </div>
        )}
        <Code>{`curl -X POST ${new URL('.', document.baseURI.replace(/#.*/, '')).href}models/${name}/invocations -H 'Content-Type: application/json' -d '${JSON.stringify({ dataframe_records: [record] }).replace(/'/g, "'\\''")}'`}</Code>
      </form>
    </Card>
  )
}

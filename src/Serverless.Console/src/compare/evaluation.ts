// Confusion matrices and curves from a run's predictions: a table with the truth, the answer and a score.

export interface Scored {
  truth: string[]
  predicted: string[]
  /** How sure the model is of the positive class; empty without scores. */
  scores: number[]
  positive: string
}

const truthNames = ['label', 'truth', 'actual', 'target', 'y', 'y_true']
const predictedNames = ['predicted', 'prediction', 'predicted_label', 'y_pred', 'answer']
const scoreNames = ['score', 'probability', 'proba', 'p', 'y_score']

/** Reads a table of predictions; undefined if it has no columns that can be told to be truth and answer. */
export function readScored(rows: string[][]): Scored | undefined {
  const [head, ...body] = rows
  if (!head || body.length === 0) return undefined
  const find = (names: string[]) => names.map((n) => head.findIndex((h) => h.toLowerCase() === n)).find((i) => i >= 0) ?? -1
  const [t, p, s] = [find(truthNames), find(predictedNames), find(scoreNames)]
  if (t < 0 || (p < 0 && s < 0)) return undefined
  const truth = body.map((r) => r[t] ?? '')
  const scores = s < 0 ? [] : body.map((r) => Number(r[s]))
  const classes = [...new Set(truth)].sort()
  const positive = classes.find((c) => /^(1|yes|true|positive|pos)$/i.test(c)) ?? classes.at(-1)!
  const negative = classes.find((c) => c !== positive) ?? positive
  return { truth, predicted: p < 0 ? scores.map((v) => (v >= 0.5 ? positive : negative)) : body.map((r) => r[p] ?? ''), scores, positive }
}

export interface Confusion {
  classes: string[]
  /** counts[truth][predicted] */
  counts: number[][]
}

export function confusion({ truth, predicted }: Scored): Confusion {
  const classes = [...new Set([...truth, ...predicted])].sort()
  const at = new Map(classes.map((c, i) => [c, i]))
  const counts = classes.map(() => classes.map(() => 0))
  truth.forEach((t, i) => counts[at.get(t)!]![at.get(predicted[i]!)!]!++)
  return { classes, counts }
}

export interface Curves {
  roc: [number, number][]
  pr: [number, number][]
  auc: number
}

/** The two curves over all thresholds; ties move together. */
export function curves({ truth, scores, positive }: Scored): Curves | undefined {
  const rows = scores.map((s, i) => [s, truth[i] === positive] as const).filter(([s]) => Number.isFinite(s)).sort((a, b) => b[0] - a[0])
  const all = rows.filter(([, y]) => y).length
  const none = rows.length - all
  if (all === 0 || none === 0) return undefined
  const roc: [number, number][] = [[0, 0]]
  const pr: [number, number][] = []
  let [tp, fp, auc] = [0, 0, 0]
  for (let i = 0; i < rows.length; ) {
    const [score] = rows[i]!
    const [tp0, fp0] = [tp, fp]
    for (; i < rows.length && rows[i]![0] === score; i++) {
      if (rows[i]![1]) tp++
      else fp++
    }
    auc += ((fp - fp0) / none) * ((tp + tp0) / 2 / all)
    roc.push([fp / none, tp / all])
    pr.push([tp / all, tp / (tp + fp)])
  }
  return { roc, pr, auc }
}

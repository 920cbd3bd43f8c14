import { expect, it } from 'vitest'
import { best } from './best'
import { confusion, curves, readScored } from './evaluation'

const table = [['label', 'score'], ['Yes', '0.9'], ['No', '0.8'], ['Yes', '0.7'], ['No', '0.1']]

it('reads truth, answer and score of a table of predictions', () => {
  const scored = readScored(table)!
  expect(scored.positive).toBe('Yes')
  expect(confusion(scored)).toEqual({ classes: ['No', 'Yes'], counts: [[1, 1], [0, 2]] })
  expect(readScored([['a', 'b'], ['1', '2']])).toBeUndefined()
})

it('draws the curves over all thresholds, with the area under them', () => {
  const c = curves(readScored(table)!)!
  expect(c.auc).toBeCloseTo(0.75)
  expect(c.roc).toEqual([[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]])
})

it('tells which value is best by the name of its metric', () => {
  expect(best('val/loss', [3, 1, 2])).toBe(1)
  expect(best('auc', [0.1, 0.9, undefined])).toBe(1)
  expect(best('auc', [1, 1])).toBeUndefined()
})

import { describe, expect, it } from 'vitest'
import { accept, complete, quoteKey, type Vocabulary } from './filter'

const words: Vocabulary = { metrics: ['val/loss', 'auc'], params: ['lr', 'opt'], tags: ['team'], values: (_, name) => (name === 'opt' ? ['adam', "o'neil"] : []) }
const labels = (text: string) => complete(text, text.length, words).items.map((i) => i.label)

describe('complete', () => {
  it('offers keys first, by any part of their name', () => {
    expect(labels('los')).toEqual(['metrics.val/loss'])
    expect(labels('')).toContain('status')
  })
  it('offers operators that the key can have', () => {
    expect(labels('metrics.auc ')).toEqual(['<', '<=', '>', '>=', '=', '!='])
    expect(labels('params.opt ')).toContain('ILIKE')
  })
  it('offers the values that runs have, quoted as the grammar asks for', () => {
    const found = complete("params.opt = ", 13, words)
    expect(found.items.map((i) => i.text)).toEqual(["'adam'", '"o\'neil"'])
  })
  it('goes on after a condition, and begins anew after AND', () => {
    expect(labels('metrics.auc > 0.5 ')).toEqual(['AND'])
    expect(labels("status = 'FAILED' AND params.o")).toEqual(['params.opt'])
  })
})

describe('accept', () => {
  it('puts the suggestion in place of what was typed', () => {
    const text = 'metrics.los > 1'
    const next = accept(text, { from: 0, to: 11, items: [] }, { text: 'metrics."val/loss"', label: '', hint: '' })
    expect(next.text).toBe('metrics."val/loss" > 1')
    expect(next.cursor).toBe(19)
  })
})

it('quotes only names that need it', () => {
  expect(quoteKey('auc')).toBe('auc')
  expect(quoteKey('val/loss')).toBe('"val/loss"')
  expect(quoteKey('a"b')).toBe('`a"b`')
})

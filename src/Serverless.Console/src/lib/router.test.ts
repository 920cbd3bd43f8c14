import { expect, it } from 'vitest'
import { joinList, parse, splitList, to, withQuery } from './router'
import { clean } from '../run/ansi'
import { parseTable } from '../run/table'
import { pathThrough } from '../graph/RoutedEdge'
import { flatten, parseAs } from '../run/parameters'

it('reads an address as it is written', () => {
  const here = parse('#' + withQuery(to('models', 'a/b %'), { tab: 'history', x: undefined }))
  expect(here.segments).toEqual(['models', 'a/b %'])
  expect(here.query.get('tab')).toBe('history')
  expect(parse('#/runs/%E0%A4%A').segments).toEqual(['runs', '%E0%A4%A'])
})

it('carries lists whose items have commas', () => {
  expect(splitList(joinList(['a,b', 'c\\d', '']))).toEqual(['a,b', 'c\\d', ''])
  expect(splitList('')).toEqual([])
})

it('shows a log without what steers a terminal', () => {
  expect(clean('\u001b[32mgreen\u001b[0m\r\n10%\r50%\r100%\nend')).toBe('green\n100%\nend')
})

it('reads CSV, and leaves out a row that was cut off', () => {
  expect(parseTable('a,b\n"x, ""y""",2\n', ',', 10, false).rows).toEqual([['a', 'b'], ['x, "y"', '2']])
  expect(parseTable('a\n1\n2', ',', 10, true).rows).toEqual([['a'], ['1']])
  expect(parseTable('a\n1\n2\n3\n', ',', 2, false)).toEqual({ rows: [['a'], ['1'], ['2']], more: true })
})

it('draws a line through the points of the layout', () => {
  expect(pathThrough([{ x: 0, y: 0 }, { x: 0, y: 20 }, { x: 20, y: 20 }])).toBe('M0 0L0 14Q0 20 6 20L20 20')
})

it('keeps the type of a parameter that is changed', () => {
  expect(flatten({ a: { b: 1 }, c: [1], d: 'x' })).toEqual([['a.b', 1], ['c', [1]], ['d', 'x']])
  expect(parseAs('0.5', 1)).toBe(0.5)
  expect(parseAs('5', 'x')).toBe('5')
})

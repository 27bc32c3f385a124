import { expect, it } from 'vitest'
import { hunksOf, linesOf } from './diff'

const shown = (before: string, after: string) => linesOf(before, after).map((line) => ({ same: ' ', removed: '-', added: '+' })[line.kind] + line.text)

it('lays two texts over each other', () => {
  expect(shown('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c'])
  expect(shown('a\nb', 'a\nb')).toEqual([' a', ' b'])
  expect(shown('a\nb\nc\nd', 'b\nc\nd\ne')).toEqual(['-a', ' b', ' c', ' d', '+e'])
  expect(shown('a\na\na', 'a\na')).toEqual([' a', ' a', '-a'])
  expect(shown('', 'a')).toEqual(['-', '+a'])
})

it('gives back both texts', () => {
  const before = 'k: 1\nl: 2\nm: 3\nn: 4\nm: 3'
  const after = 'l: 2\nm: 3\no: 5\nm: 3\nk: 1'
  const lines = linesOf(before, after)
  expect(lines.filter((line) => line.kind !== 'added').map((line) => line.text).join('\n')).toBe(before)
  expect(lines.filter((line) => line.kind !== 'removed').map((line) => line.text).join('\n')).toBe(after)
})

it('leaves out what lies far from any difference', () => {
  const before = Array.from({ length: 20 }, (_, n) => `line ${n}`)
  const after = before.map((line, n) => (n === 10 ? 'other' : line))
  const hunks = hunksOf(linesOf(before.join('\n'), after.join('\n')), 1)
  expect(hunks.map((line) => line?.text)).toEqual(['line 9', 'line 10', 'other', 'line 11', undefined])
})

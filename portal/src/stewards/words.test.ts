import { afterEach, expect, it } from 'vitest'
import { language } from '@/texts/texts'
import { levelText, ruleFieldText, ruleText } from './words'

afterEach(() => (language.value = 'zh'))

it('says levels in the language of the page, with what the hub adds to them', () => {
  expect(levelText('parts swapped')).toBe('月日颠倒')
  expect(levelText('same door, parts missing')).toBe('同一门牌，部分缺失')
  expect(levelText('same, implied')).toBe('相同（由他项推出）')
  expect(levelText('exchanged, one slip')).toBe('互换后一处笔误')
  expect(levelText('both valid and different: never a match')).toBe('都有效但不同：排除匹配')
  language.value = 'en'
  expect(levelText('same, implied')).toBe('same (implied)')
})

it('shows what it has no words for as it is', () => {
  expect(levelText('a level of tomorrow')).toBe('a level of tomorrow')
  expect(ruleFieldText('persons', 'given+surname')).toBe('given + surname')
})

it('says why a source record is where it is', () => {
  expect(ruleText(undefined)).toBe('独立，没有与其他记录归并')
  expect(ruleText('id-number')).toBe('身份号码一致')
  expect(ruleText('weights')).toBe('依据各字段的权重')
})

import { afterEach, describe, expect, it } from 'vitest'
import { en } from './en'
import { language, pick, t, textOr } from './texts'
import { ago, duration } from './time'
import { zh } from './zh'

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()

afterEach(() => (language.value = 'zh'))

describe('the catalogues', () => {
  it('have the same keys, no empty text, and fill in the same values', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
      expect(en[key], key).not.toBe('')
      expect(places(en[key]), key).toEqual(places(zh[key]))
    }
  })

  it('follow the language of the page', () => {
    expect(t('merged.badge', { n: 3 })).toBe('由 3 条来源记录合并')
    language.value = 'en'
    expect(t('merged.badge', { n: 3 })).toBe('Merged from 3 source records')
    expect(pick({ zh: '组织', en: 'Organizations' })).toBe('Organizations')
  })

  it('fall back where a key is put together at run time', () => {
    expect(textOr('flag.check-digit', 'x')).toBe('校验位不符')
    expect(textOr('flag.never-heard-of', 'x')).toBe('x')
  })
})

describe('time', () => {
  const now = Date.parse('2026-01-02T00:00:00Z')
  it('says how long ago', () => {
    expect(ago('2026-01-01T23:59:40Z', now)).toBe('刚刚')
    expect(ago('2026-01-01T23:30:00Z', now)).toBe('30 分钟前')
    expect(ago('2026-01-01T03:00:00Z', now)).toBe('21 小时前')
    expect(ago('2025-12-20T00:00:00Z', now)).toBe('13 天前')
    expect(ago('no instant', now)).toBe('no instant')
  })
  it('says how long', () => {
    expect(duration('2026-01-01T00:00:00Z', '2026-01-01T00:00:01.250Z')).toBe('1.3 s')
    expect(duration('2026-01-01T00:00:00Z', '2026-01-01T00:03:07Z')).toBe('3:07')
    expect(duration('2026-01-01T00:00:00Z', '2026-01-01T02:03:07Z')).toBe('2:03:07')
  })
})

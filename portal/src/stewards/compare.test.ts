import { describe, expect, it } from 'vitest'
import type { Field, FieldValue, LedgerRecord } from '@/api/client'
import { alterationsOf, pairsOf } from './compare'
import type { Evidence } from './waterfall'

const field = (name: string, kind: Field['kind'] = 'text', sensitive = false): Field => ({ name, kind, label: { zh: name, en: name }, sensitive })
const fields = [field('name', 'name'), field('phone', 'text', true), field('place', 'reference'), field('address'), field('sex', 'code')]
const record = (id: string, values: Record<string, FieldValue>): LedgerRecord => ({ id, ledger: 'persons', version: 1, title: id, status: 'ACTIVE', records: 1, updatedAt: '2026-01-01T00:00:00Z', fields: values })
const place = (id: string): FieldValue => ({ value: id, reference: { id, title: `place ${id}` } })
const key = { source: 's', stream: 't', key: '1' }
const evidence = (name: string, level: string): Evidence => ({ left: key, right: key, weight: 1, probability: 0.5, contributions: [{ field: name, level, weight: 1, left: '*', right: '*' }] })
const likeness = (left: LedgerRecord, right: LedgerRecord, ...said: Evidence[]) => Object.fromEntries(pairsOf(fields, left, right, said).map((pair) => [pair.field.name, pair.likeness]))

describe('two records side by side', () => {
  it('tells equal, different and one-sided values apart, and leaves out what neither has', () => {
    const left = record('1', { name: { value: '张伟' }, place: place('9'), address: { value: '一号楼' } })
    const right = record('2', { name: { value: '张玮' }, place: { ...place('9'), source: 'other' }, sex: { value: '1' } })
    expect(likeness(left, right)).toEqual({ name: 'different', place: 'same', address: 'left', sex: 'right' })
  })

  it('does not take equal masks for equal values', () => {
    const left = record('1', { phone: { value: '138****8000', masked: true } })
    const right = record('2', { phone: { value: '138****8000', masked: true } })
    expect(likeness(left, right)).toEqual({ phone: 'hidden' })
    expect(likeness(left, right, evidence('phone', 'same'))).toEqual({ phone: 'same' })
    expect(likeness(left, right, evidence('phone', 'same, implied'))).toEqual({ phone: 'same' })
    expect(likeness(left, right, evidence('phone', 'one slip'))).toEqual({ phone: 'different' })
    expect(likeness(left, record('2', { phone: { value: '139****8000', masked: true } }))).toEqual({ phone: 'different' })
  })
})

it('tells what changed since somebody looked', () => {
  const before = record('1', { name: { value: '张伟' }, place: place('9'), address: { value: '一号楼' } })
  const after = record('1', { name: { value: '张伟' }, place: place('8'), sex: { value: '1' } })
  expect(alterationsOf(before, after).map((one) => one.field)).toEqual(['place', 'address', 'sex'])
  expect(alterationsOf(before, before)).toEqual([])
})

import { describe, expect, it } from 'vitest'
import { isMoving, mayApply, shareOf, workbookFault, type Upload } from './workbooks'

const upload = (part: Partial<Upload>): Upload => ({ id: '1', ledger: 'persons', name: 'a.xlsx', state: 'READY', rows: 10, pending: 6, faulty: 1, applied: 0, corrections: 0, at: '', updatedAt: '', stalled: false, ...part })

describe('an upload', () => {
  it('takes workbooks of a size that is read', () => {
    expect(workbookFault({ name: 'a.xlsx', size: 1 })).toBeUndefined()
    expect(workbookFault({ name: 'a.xls', size: 1 })).toBe('type')
    expect(workbookFault({ name: 'A.XLSX', size: 0 })).toBe('size')
    expect(workbookFault({ name: 'a.xlsx', size: 33 * 1024 * 1024 })).toBe('size')
  })

  it('tells how far it is', () => {
    expect(shareOf(upload({ state: 'READING' }))).toBeUndefined()
    expect(shareOf(upload({ state: 'APPLYING', applied: 2 }))).toBe(0.25)
    expect(shareOf(upload({ state: 'APPLIED', pending: 0 }))).toBe(1)
  })

  it('is applied once it is read, and once more where it stalled', () => {
    expect(mayApply(upload({}))).toBe(true)
    expect(mayApply(upload({ pending: 0 }))).toBe(false)
    expect(mayApply(upload({ state: 'APPLYING' }))).toBe(false)
    expect(mayApply(upload({ state: 'APPLYING', stalled: true }))).toBe(true)
    expect(isMoving(upload({ state: 'APPLYING', stalled: true }))).toBe(false)
    expect(isMoving(upload({ state: 'READING' }))).toBe(true)
  })
})

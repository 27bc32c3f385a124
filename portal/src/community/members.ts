import type { LedgerRecord } from '@/api/client'

const rank: Readonly<Record<string, number>> = { CHAIR: 0, VICE_CHAIR: 1, MEMBER: 2 }

function byPost(one: LedgerRecord, other: LedgerRecord): number {
  const posts = (rank[one.fields['post']?.value ?? ''] ?? 9) - (rank[other.fields['post']?.value ?? ''] ?? 9)
  if (posts !== 0) return posts
  return (one.fields['person']?.reference?.title ?? '').localeCompare(other.fields['person']?.reference?.title ?? '', 'zh')
}

/** Those who serve, chair first, and those who no longer do, the latest first. */
export function membersOf(memberships: readonly LedgerRecord[]): { serving: LedgerRecord[]; former: LedgerRecord[] } {
  const left = (membership: LedgerRecord) => membership.fields['status']?.value === 'LEFT'
  return {
    serving: memberships.filter((one) => !left(one)).sort(byPost),
    former: memberships
      .filter(left)
      .sort((one, other) => (other.fields['to']?.value ?? '').localeCompare(one.fields['to']?.value ?? '') || byPost(one, other)),
  }
}

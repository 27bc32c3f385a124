import type { LedgerRecord, Schemas } from '@/api/client'
import { recordTitle } from '@/ledgers/catalogue'
import { t } from '@/texts/texts'

export type Proposal = Schemas['Proposal']
export type SourceKey = Schemas['SourceKey']
export type Decision = Schemas['IdentityDecision']

/** A decision in the making, with the words that its dialog says. */
export type Draft = { title: string; lead: string; confirm: string } & (
  | { kind: 'decision'; proposal: Proposal }
  | { kind: 'withdrawal'; decision: Decision }
)

const seen = (record: LedgerRecord) => ({ id: record.id, version: record.version })

export function mergeOf(left: LedgerRecord, right: LedgerRecord): Draft {
  return {
    kind: 'decision',
    title: t('decide.MERGE.title'),
    lead: t('decide.MERGE.lead', { left: recordTitle(left), right: recordTitle(right) }),
    confirm: t('action.MERGE'),
    proposal: { action: 'MERGE', entities: [seen(left), seen(right)], records: [] },
  }
}

export function notDuplicateOf(left: LedgerRecord, right: LedgerRecord): Draft {
  return {
    kind: 'decision',
    title: t('decide.NOT_DUPLICATE.title'),
    lead: t('decide.NOT_DUPLICATE.lead', { left: recordTitle(left), right: recordTitle(right) }),
    confirm: t('action.NOT_DUPLICATE'),
    proposal: { action: 'NOT_DUPLICATE', entities: [seen(left), seen(right)], records: [] },
  }
}

/** About some source records of one entity; of LINK the entity that they are to belong to. */
export function recordsOf(action: 'SPLIT' | 'UNLINK' | 'LINK', record: LedgerRecord, records: readonly SourceKey[]): Draft {
  return {
    kind: 'decision',
    title: t(`decide.${action}.title`),
    lead: t(`decide.${action}.lead`, { n: records.length, title: recordTitle(record) }),
    confirm: t(`action.${action}`),
    proposal: { action, entities: [seen(record)], records: records.map(({ source, stream, key }) => ({ source, stream, key })) },
  }
}

export function withdrawalOf(decision: Decision): Draft {
  return { kind: 'withdrawal', title: t('decide.withdrawal.title'), lead: t('decide.withdrawal.lead', { action: t(`action.${decision.action}`), actor: decision.actor }), confirm: t('action.withdraw'), decision }
}

import type { Schemas } from '@/api/client'

export type Correction = Schemas['Correction']
export type Ticket = Schemas['Ticket']
export type State = Schemas['CorrectionState']

/** What a list of corrections is asked for, by the name of its part in the page's address. */
export const parts = {
  waiting: ['PROPOSED', 'IN_CONFLICT'],
  standing: ['STANDING'],
  ended: ['RETIRED', 'REJECTED'],
} as const satisfies Record<string, readonly State[]>
export type Part = keyof typeof parts

export const stateTone: Readonly<Record<State, string>> = { PROPOSED: 'live', REJECTED: 'bad', STANDING: 'good', IN_CONFLICT: 'warn', RETIRED: '' }

export const ticketTone: Readonly<Record<Ticket['state'], string>> = { SENT: 'live', ACCEPTED: 'good', REFUSED: 'bad', ESCALATED: 'warn', FIXED: 'good', GONE: '', CANCELLED: '' }

/** What somebody may do about a correction that waits or stands. */
export type Act = 'acceptance' | 'rejection' | 'withdrawal' | 'keep-correction' | 'keep-source'

export function actsOf(correction: Correction, login: string): readonly Act[] {
  const mine = correction.actor === login
  switch (correction.state) {
    case 'PROPOSED':
      return correction.acceptable ? ['acceptance', 'rejection', ...(mine ? (['withdrawal'] as const) : [])] : mine ? ['withdrawal'] : []
    case 'IN_CONFLICT':
      return correction.acceptable ? ['keep-correction', 'keep-source'] : mine ? ['withdrawal'] : []
    case 'STANDING':
      return correction.acceptable || mine ? ['withdrawal'] : []
    default:
      return []
  }
}

const BYTES = 5 * 1024 * 1024
export const mediaTypes = ['image/png', 'image/jpeg', 'application/pdf'] as const
export type MediaType = (typeof mediaTypes)[number]

/** Why a file cannot be evidence, as the end of a text key; undefined if it can. */
export function fileFault(file: { size: number; type: string }): 'type' | 'size' | undefined {
  if (!mediaTypes.some((type) => type === file.type)) return 'type'
  return file.size === 0 || file.size > BYTES ? 'size' : undefined
}

/** Standard base64, in pieces: a string of five million characters is not built argument by argument. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text)
}

import { api, ask, type Schemas } from '@/api/client'

export type Upload = Schemas['Upload']
export type UploadRow = Schemas['UploadRow']
export type UploadRowState = Schemas['UploadRowState']

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const BYTES = 32 * 1024 * 1024

/** Why a file cannot be uploaded, as the end of a text key; undefined if it can. */
export function workbookFault(file: { size: number; name: string }): 'type' | 'size' | undefined {
  if (!/\.xlsx$/i.test(file.name)) return 'type'
  return file.size === 0 || file.size > BYTES ? 'size' : undefined
}

// A file goes out as it is; the contract's type for it is text.
const asIs = { bodySerializer: (body: unknown) => body as BodyInit, headers: { 'Content-Type': XLSX } }

export function uploadCorrections(file: File): Promise<Upload> {
  return ask(api.POST('/correction-uploads', { params: { query: { name: file.name.slice(-200) } }, body: file as unknown as string, ...asIs }))
}

export function uploadTicketAnswers(file: File): Promise<Schemas['TicketAnswers']> {
  return ask(api.POST('/ticket-answers', { body: file as unknown as string, ...asIs }))
}

export async function downloadTickets(purpose: string): Promise<void> {
  const workbook = await ask(api.POST('/tickets/workbook', { body: purpose ? { purpose } : {}, parseAs: 'blob' }))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(workbook as unknown as Blob)
  link.download = 'tickets.xlsx'
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

export const templateLink = (ledger: string, place: string) => `/api/v1/ledgers/${ledger}/template${place ? `?place=${place}` : ''}`

/** How far an upload is, from 0 to 1; undefined where nobody can tell. */
export function shareOf(upload: Upload): number | undefined {
  if (upload.state === 'READING') return undefined
  const all = upload.applied + upload.pending
  return all === 0 ? 1 : upload.applied / all
}

export const isMoving = (upload: Upload) => !upload.stalled && (upload.state === 'READING' || upload.state === 'APPLYING')
export const mayApply = (upload: Upload) => upload.pending > 0 && (upload.state === 'READY' || (upload.state === 'APPLYING' && upload.stalled))

import type { Schemas } from '@/api/client'

export type Quality = Schemas['Quality']
export type Stream = Quality['sources'][number]
export type Said = Stream['fields'][number]

/** The share of what a source says that is published so; undefined where it says nothing. */
export function rightness(said: Pick<Said, 'said' | 'differing'> | undefined): number | undefined {
  return said && said.said > 0 ? 1 - said.differing / said.said : undefined
}

export const percent = (share: number | undefined) => (share === undefined ? '' : `${(Math.floor(share * 1000) / 10).toFixed(share === 1 ? 0 : 1)}%`)

/** Of a share, how it is shown: 1 is best. The eye tells apart what lies near 1. */
export function tone(share: number): 'best' | 'good' | 'fair' | 'poor' {
  return share >= 0.99 ? 'best' : share >= 0.95 ? 'good' : share >= 0.8 ? 'fair' : 'poor'
}

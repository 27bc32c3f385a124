import { shallowRef } from 'vue'

export interface Tip {
  at: HTMLElement
  lines: readonly string[]
}

/** What is explained just now. One tip serves the whole page, so that a table of hundreds of values stays light. */
export const tip = shallowRef<Tip>()

export function showTip(event: Event, lines: readonly string[]): void {
  tip.value = { at: event.currentTarget as HTMLElement, lines }
}

export function hideTip(): void {
  tip.value = undefined
}

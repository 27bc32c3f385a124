import { shallowRef } from 'vue'

export interface PurposeQuestion {
  what: string
  answer: (purpose: string | undefined) => void
}

export const question = shallowRef<PurposeQuestion>()

/** Asks the reader what a sensitive thing is opened for; undefined when he or she would rather not. */
export function askPurpose(what: string): Promise<string | undefined> {
  question.value?.answer(undefined)
  return new Promise((resolve) => {
    question.value = {
      what,
      answer: (purpose) => {
        question.value = undefined
        resolve(purpose)
      },
    }
  })
}

import { shallowRef } from 'vue'
import { api, ask } from '@/api/client'
import { language } from '@/texts/texts'

const names = shallowRef<ReadonlyMap<string, { title: string; titleEn: string }>>(new Map())
let asked: Promise<void> | undefined

/** Asks once what the systems are called; until then, and where that is not told, their ids stand for them. */
export function loadSourceNames(): void {
  asked ??= ask(api.GET('/sources')).then(
    (list) => {
      names.value = new Map(list.sources.map((source) => [source.id, source]))
    },
    () => {
      asked = undefined
    },
  )
}

export function sourceName(id: string): string {
  const known = names.value.get(id)
  return known ? (language.value === 'en' ? known.titleEn : known.title) : id
}

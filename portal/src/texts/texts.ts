import { ref, watchEffect } from 'vue'
import { en } from './en'
import { zh } from './zh'

export type TextKey = keyof typeof zh
export type Language = 'zh' | 'en'

const KEPT = 'yimen.language'
const catalogues: Record<Language, Record<TextKey, string>> = { zh, en }

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT)
  return kept === 'en' || kept === 'zh' ? kept : 'zh'
}

/** The language of the page; remembered by this browser, so that the sign-in page comes in it too. */
export const language = ref<Language>(firstLanguage())

watchEffect(() => {
  localStorage.setItem(KEPT, language.value)
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
})

export function isTextKey(key: string): key is TextKey {
  return key in zh
}

/** The text for a key in the page's language, with `{name}` filled in. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return catalogues[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  )
}

/** The text for a key that is put together at run time, or `otherwise` where the catalogue has none. */
export function textOr(key: string, otherwise: string): string {
  return isTextKey(key) ? t(key) : otherwise
}

/** The right one of two texts that the hub sent. */
export function pick(text: { zh: string; en: string } | undefined): string {
  return text ? text[language.value] || text.zh : ''
}

export function number(value: number): string {
  return value.toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB')
}

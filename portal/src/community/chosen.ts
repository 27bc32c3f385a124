import { ref } from 'vue'

export interface Chosen {
  id: string
  title: string
  hint?: string | undefined
}

const KEPT = 'yimen.communities'
const LENGTH = 6

function read(login: string): Chosen[] {
  try {
    const all = JSON.parse(localStorage.getItem(`${KEPT}.${login}`) ?? '[]') as unknown
    return Array.isArray(all) ? all.filter((one): one is Chosen => typeof one?.id === 'string' && typeof one?.title === 'string') : []
  } catch {
    return []
  }
}

/** The communities that the signed-in person looked at last, the present one first. */
export const recent = ref<readonly Chosen[]>([])
let owner = ''

export function recallFor(login: string): void {
  owner = login
  recent.value = read(login)
}

export function remember(place: Chosen): void {
  recent.value = [place, ...recent.value.filter((other) => other.id !== place.id)].slice(0, LENGTH)
  localStorage.setItem(`${KEPT}.${owner}`, JSON.stringify(recent.value))
}

export function forget(id: string): void {
  recent.value = recent.value.filter((other) => other.id !== id)
  localStorage.setItem(`${KEPT}.${owner}`, JSON.stringify(recent.value))
}

const palette = ['#1b6f86', '#b5602a', '#6a55a8', '#3d7d46', '#a8456f', '#8a6d1a', '#3f64b5', '#5f6f76'] as const
const given = new Map<string, string>()

/** A colour for a system: the same all over the page, different ones as long as the palette lasts. */
export function sourceColor(source: string | undefined): string {
  if (!source) return '#9aabb2'
  let color = given.get(source)
  if (!color) {
    let hash = 7
    for (const letter of source) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 65_521
    const taken = new Set(given.values())
    const first = hash % palette.length
    const order = [...palette.slice(first), ...palette.slice(0, first)]
    color = order.find((candidate) => !taken.has(candidate)) ?? order[0]!
    given.set(source, color)
  }
  return color
}

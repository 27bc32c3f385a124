/** A line of two texts laid over each other. */
export interface Line {
  kind: 'same' | 'removed' | 'added'
  text: string
}

/** The lines by which `after` differs from `before`, by their longest common subsequence. */
export function linesOf(before: string, after: string): Line[] {
  const old = before.split('\n')
  const now = after.split('\n')
  // What begins and ends alike need not be compared in full.
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start++
  let end = 0
  while (end < old.length - start && end < now.length - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++
  const a = old.slice(start, old.length - end)
  const b = now.slice(start, now.length - end)
  const width = b.length + 1
  const length = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => length[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) length[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  }
  const middle: Line[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      middle.push({ kind: 'same', text: a[i]! })
      i++
      j++
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      middle.push({ kind: 'removed', text: a[i++]! })
    } else {
      middle.push({ kind: 'added', text: b[j++]! })
    }
  }
  const same = (text: string): Line => ({ kind: 'same', text })
  return [...old.slice(0, start).map(same), ...middle, ...old.slice(old.length - end).map(same)]
}

/** Only what differs, with a few lines around it; `undefined` stands for what was left out between. */
export function hunksOf(lines: readonly Line[], around = 2): (Line | undefined)[] {
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - around), at + around + 1).some((line) => line.kind !== 'same'))
  return lines.flatMap((line, at) => (near[at] ? [line] : at > 0 && near[at - 1] ? [undefined] : []))
}

import { language, t } from './texts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago an instant was, roughly. */
export function ago(instant: string, now: number = Date.now()): string {
  const passed = now - Date.parse(instant)
  if (Number.isNaN(passed)) return instant
  if (passed < MINUTE) return t('ago.now')
  if (passed < HOUR) return t('ago.minutes', { n: Math.floor(passed / MINUTE) })
  if (passed < DAY) return t('ago.hours', { n: Math.floor(passed / HOUR) })
  if (passed < 60 * DAY) return t('ago.days', { n: Math.floor(passed / DAY) })
  if (passed < 730 * DAY) return t('ago.months', { n: Math.floor(passed / (30.44 * DAY)) })
  return t('ago.years', { n: Math.floor(passed / (365.25 * DAY)) })
}

/** Date and time of an instant where the reader is. */
export function moment(instant: string): string {
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return instant
  return new Intl.DateTimeFormat(language.value === 'zh' ? 'zh-CN' : 'en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(date)
}

/** The length of time between two instants, as 1.2 s, 3:07 or 2:03:07. */
export function duration(from: string, to: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

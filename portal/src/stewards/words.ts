import { fieldLabel, findField } from '@/ledgers/catalogue'
import { t, textOr } from '@/texts/texts'

/** What a level of comparison is called; what the hub says beyond its name is put in words around it. */
export function levelText(level: string): string {
  const known = textOr(`level.${level}`, '')
  if (known) return known
  if (level.endsWith(', implied')) return t('level.with.implied', { level: levelText(level.slice(0, -', implied'.length)) })
  if (level.startsWith('exchanged, ')) return t('level.with.exchanged', { level: levelText(level.slice('exchanged, '.length)) })
  if (level.endsWith(': never a match')) return t('level.with.never', { level: levelText(level.slice(0, -': never a match'.length)) })
  return level
}

/** What a field of the match rules is called: most are fields of the ledger, some are put together. */
export function ruleFieldText(ledger: string, field: string): string {
  return field
    .split('+')
    .map((name) => (findField(ledger, name) ? fieldLabel(ledger, name) : textOr(`ruleField.${name}`, name)))
    .join(' + ')
}

/** Why a source record is where it is: the steward, the weights, or an identifier that it shares. */
export function ruleText(rule: string | undefined): string {
  return rule === undefined ? t('identity.alone') : textOr(`identity.rule.${rule}`, textOr(`identifier.${rule}`, rule))
}

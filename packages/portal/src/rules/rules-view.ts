import { textIn } from '../view/address.ts'

/** Parts of the page of one rule. */
export const ruleTabs = ['form', 'json', 'forecast', 'machines', 'history'] as const
export type RuleTab = (typeof ruleTabs)[number]

/** What the address of *Rules* says. */
export interface RulesSearch {
  /** The rule that is open: its immutable id, or `new`. */
  readonly rule?: string
  readonly tab?: RuleTab
  readonly text?: string
  /** Versions that are compared. */
  readonly from?: number
  readonly to?: number
}

/** What a page changes of it. */
export type RulesChange = { readonly [Name in keyof RulesSearch]?: RulesSearch[Name] | undefined }

/** Reads it; what is wrong in it counts as not there. */
export function parseRulesSearch(search: Readonly<Record<string, unknown>>): RulesSearch {
  const [rule, text] = [textIn(search['rule']), textIn(search['text'])]
  const tab = ruleTabs.find((one) => one === search['tab'])
  const [from, to] = [numberIn(search['from']), numberIn(search['to'])]
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(tab === undefined ? {} : { tab }),
    ...(text === undefined ? {} : { text }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

function numberIn(value: unknown): number | undefined {
  const number = Number(textIn(value))
  return Number.isInteger(number) && number > 0 ? number : undefined
}

/** Seconds in the unit that people would take: `15 min`, `1 h 30 min`. */
export function secondsText(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const
  const parts: string[] = []
  let left = Math.round(seconds)
  for (const [size, unit] of units) {
    const count = Math.floor(left / size)
    if (count > 0) parts.push(`${count} ${unit}`)
    left -= count * size
  }
  return parts.slice(0, 2).join(' ') || '0 s'
}

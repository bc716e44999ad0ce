/** A function of ARM templates on values that are known; `undefined` where it takes no such values. */
export type TemplateFunction = (...values: readonly unknown[]) => unknown

/** Characters of a text that functions make, at most. */
const MADE_CHARACTERS_MAX = 1_000_000

/** Those functions whose value depends on their arguments alone, by their names in lower case. */
export const templateFunctions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['concat', concat],
  ['format', format],
  ['string', (value) => (typeof value === 'string' ? value : JSON.stringify(value))],
  ['int', (value) => (/^-?\d+$/.test(String(value)) ? Number(value) : undefined)],
  ['bool', (value) => (typeof value === 'boolean' ? value : /^(true|1)$/i.test(String(value)))],
  ['true', () => true],
  ['false', () => false],
  ['null', () => null],
  ['tolower', (value) => textOf(value)?.toLowerCase()],
  ['toupper', (value) => textOf(value)?.toUpperCase()],
  ['trim', (value) => textOf(value)?.trim()],
  ['createarray', (...values) => values],
  ['createobject', (...values) => Object.fromEntries(pairsOf(values))],
  ['array', (value) => (Array.isArray(value) ? value : [value])],
  ['if', (condition, yes, no) => (typeof condition === 'boolean' ? (condition ? yes : no) : undefined)],
  ['equals', (one, other) => JSON.stringify(one) === JSON.stringify(other)],
  ['not', (value) => (typeof value === 'boolean' ? !value : undefined)],
  ['and', (...values) => values.every((value) => value === true)],
  ['or', (...values) => values.some((value) => value === true)],
  [
    'empty',
    (value) => value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0),
  ],
  ['coalesce', (...values) => values.find((value) => value !== null)],
  ['length', lengthOf],
  ['first', (value) => (Array.isArray(value) ? value.at(0) : textOf(value)?.slice(0, 1))],
  ['last', (value) => (Array.isArray(value) ? value.at(-1) : textOf(value)?.slice(-1))],
  ['split', (text, by) => (typeof text === 'string' && typeof by === 'string' ? text.split(by) : undefined)],
  ['join', (list, by) => (Array.isArray(list) && typeof by === 'string' ? bounded(list.join(by)) : undefined)],
  ['replace', replaced],
  ['substring', (text, from, length) => partOf(text, from, length)],
  ['union', union],
])

function concat(...values: readonly unknown[]): unknown {
  if (values.every((value) => Array.isArray(value))) return values.flat()
  return values.every(isPlain) ? bounded(values.join('')) : undefined
}

function format(pattern: unknown, ...values: readonly unknown[]): unknown {
  if (typeof pattern !== 'string' || !values.every(isPlain)) return undefined
  return bounded(pattern.replaceAll(/\{(\d+)\}/g, (all, index: string) => String(values[Number(index)] ?? all)))
}

function replaced(text: unknown, what: unknown, by: unknown): unknown {
  const isText = typeof text === 'string' && typeof what === 'string' && typeof by === 'string'
  return isText && what !== '' ? bounded(text.split(what).join(by)) : undefined
}

function partOf(text: unknown, from: unknown, length: unknown): unknown {
  if (typeof text !== 'string' || typeof from !== 'number') return undefined
  return text.slice(from, typeof length === 'number' ? from + length : undefined)
}

function lengthOf(value: unknown): unknown {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined
}

function union(...values: readonly unknown[]): unknown {
  if (values.every((value) => Array.isArray(value))) return [...new Set(values.flat())]
  const objects = values.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  return objects.length === values.length
    ? Object.fromEntries(objects.flatMap((object) => Object.entries(object ?? {})))
    : undefined
}

function pairsOf(values: readonly unknown[]): [string, unknown][] {
  return values.flatMap((value, index) => (index % 2 === 0 ? [[String(value), values[index + 1] ?? null]] : []))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function bounded(text: string): string | undefined {
  return text.length > MADE_CHARACTERS_MAX ? undefined : text
}

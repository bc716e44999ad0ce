import { ChangeTrackingError } from '../../change-tracking-error.ts'

/** One complete type of D-Bus (D-Bus specification, "Type System"). */
export type BusType =
  | { readonly kind: 'basic'; readonly code: BasicCode }
  | { readonly kind: 'array'; readonly of: BusType }
  | { readonly kind: 'struct'; readonly fields: readonly BusType[] }
  | { readonly kind: 'entry'; readonly key: BusType; readonly value: BusType }
  | { readonly kind: 'variant' }

/** Types that hold one value: numbers, truth values, texts, and the number of a descriptor. */
export const basicCodes = ['y', 'b', 'n', 'q', 'i', 'u', 'x', 't', 'd', 's', 'o', 'g', 'h'] as const
export type BasicCode = (typeof basicCodes)[number]

/** Characters of a signature, and how deep arrays and structs may lie in each other together (both by the specification). */
export const SIGNATURE_CHARS_MAX = 255
export const DEPTH_MAX = 64

const known = new Map<string, readonly BusType[]>()
const KNOWN_MAX = 1_000

/** The complete types that a signature names one after the other; throws `bus-failed` where it is none. */
export function parseSignature(text: string): readonly BusType[] {
  const remembered = known.get(text)
  if (remembered !== undefined) return remembered
  if (text.length > SIGNATURE_CHARS_MAX) throw wrong(text, SIGNATURE_CHARS_MAX, 'is too long')
  const types: BusType[] = []
  for (let at = 0; at < text.length;) {
    const [type, next] = typeAt(text, { at, depth: 0 })
    types.push(type)
    at = next
  }
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(text, types)
  return types
}

function typeAt(text: string, { at, depth }: { at: number; depth: number }): [BusType, number] {
  const code = text[at]
  if (code === undefined) throw wrong(text, at, 'ends too early')
  if (depth > DEPTH_MAX) throw wrong(text, at, 'is too deep')
  if (code === 'v') return [{ kind: 'variant' }, at + 1]
  if (code === 'a' && text[at + 1] === '{') return entriesAt(text, { at: at + 1, depth: depth + 1 })
  if (code === 'a') {
    const [of, next] = typeAt(text, { at: at + 1, depth: depth + 1 })
    return [{ kind: 'array', of }, next]
  }
  if (code === '(') return structAt(text, { at, depth })
  const basic = basicCodes.find((each) => each === code)
  if (basic === undefined) throw wrong(text, at, 'has an unknown type')
  return [{ kind: 'basic', code: basic }, at + 1]
}

function structAt(text: string, { at, depth }: { at: number; depth: number }): [BusType, number] {
  const fields: BusType[] = []
  let next = at + 1
  while (text[next] !== ')') {
    const [field, after] = typeAt(text, { at: next, depth: depth + 1 })
    fields.push(field)
    next = after
  }
  if (fields.length === 0) throw wrong(text, at, 'has an empty struct')
  return [{ kind: 'struct', fields }, next + 1]
}

function entriesAt(text: string, { at, depth }: { at: number; depth: number }): [BusType, number] {
  const [key, behindKey] = typeAt(text, { at: at + 1, depth: depth + 1 })
  if (key.kind !== 'basic') throw wrong(text, at + 1, 'has a key that is no basic type')
  const [value, behind] = typeAt(text, { at: behindKey, depth: depth + 1 })
  if (text[behind] !== '}') throw wrong(text, behind, 'has an entry that is not a pair')
  return [{ kind: 'array', of: { kind: 'entry', key, value } }, behind + 1]
}

function wrong(text: string, at: number, what: string): ChangeTrackingError {
  return new ChangeTrackingError('bus-failed', `the signature ${JSON.stringify(text)} ${what} at ${at}`)
}

/** The signature of one complete type. */
export function signatureOf(type: BusType): string {
  switch (type.kind) {
    case 'basic':
      return type.code
    case 'variant':
      return 'v'
    case 'array':
      return `a${signatureOf(type.of)}`
    case 'struct':
      return `(${type.fields.map(signatureOf).join('')})`
    case 'entry':
      return `{${signatureOf(type.key)}${signatureOf(type.value)}}`
  }
}

/** To how many bytes the beginning of a value is aligned. */
export function alignmentOf(type: BusType): number {
  if (type.kind === 'variant') return 1
  if (type.kind === 'array') return 4
  return type.kind === 'basic' ? SIZES[type.code] : 8
}

/** Bytes of a basic type, to which it is also aligned; of a text, those of its length. */
export const SIZES: Readonly<Record<BasicCode, number>> = {
  y: 1,
  b: 4,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  x: 8,
  t: 8,
  d: 8,
  s: 4,
  o: 4,
  g: 1,
  h: 4,
}

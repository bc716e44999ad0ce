import { ruleSchema } from '@tidemark/model'
import type { JSONPath } from 'jsonc-parser'

/** A part of the schema, as editors need it. */
interface Part {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Part>>
  readonly items?: Part
}

/** A name that may stand in a place, and what it means. */
export interface KnownName {
  readonly name: string
  readonly meaning: string | undefined
  /** What counts unless it is said, as JSON. */
  readonly otherwise: string | undefined
}

/** Names that may stand in an object of a rule. */
export function namesAt(path: JSONPath): readonly KnownName[] {
  const part = partAt(path)
  return Object.entries(part?.properties ?? {}).map(([name, inner]) => ({
    name,
    meaning: inner.description,
    otherwise: otherwiseOf(inner),
  }))
}

/** Values that may stand in a place. */
export function valuesAt(path: JSONPath): readonly (string | number | boolean)[] {
  const part = partAt(path)
  if (part === undefined) return []
  const values = part.type === 'boolean' ? [true, false] : [...(part.examples ?? []), part.default]
  return [...new Set(values)].filter((value) => ['string', 'number', 'boolean'].includes(typeof value)).map(plain)
}

/** What stands in a place means. */
export function meaningAt(
  path: JSONPath,
): { readonly meaning: string; readonly otherwise: string | undefined } | undefined {
  const part = partAt(path)
  return part?.description === undefined ? undefined : { meaning: part.description, otherwise: otherwiseOf(part) }
}

const schema: Part = ruleSchema()

function partAt(path: JSONPath): Part | undefined {
  return path.reduce<Part | undefined>(
    (part, step) => (typeof step === 'number' ? part?.items : memberOf(part?.properties, step)),
    schema,
  )
}

function memberOf(parts: Readonly<Record<string, Part>> | undefined, name: string): Part | undefined {
  return parts !== undefined && Object.hasOwn(parts, name) ? parts[name] : undefined
}

function otherwiseOf(part: Part): string | undefined {
  return part.default === undefined ? undefined : JSON.stringify(part.default)
}

function plain(value: unknown): string | number | boolean {
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}

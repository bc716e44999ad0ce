import type { Problem } from '@tidemark/base'

import { pathText } from '../json-path.ts'
import { type TemplateFunction, templateFunctions } from './functions.ts'
import { type Expression, parseExpression } from './parse-expression.ts'

/** What parameters and variables of a template stand for. */
export interface TemplateScope {
  /** Values that were given, by the parameter's name. */
  readonly given: Readonly<Record<string, unknown>>
  readonly parameters: Readonly<Record<string, unknown>>
  readonly variables: Readonly<Record<string, unknown>>
}

/** How deep values of a document may stand in one another, variables that use variables included. */
export const VALUE_DEPTH_MAX = 100
/** Values that one document may be resolved to at most: a few lines of variables can stand for a huge one. */
export const VALUES_MAX = 200_000

/**
 * Puts values in the place of a template's expressions (`[parameters('x')]`). What cannot be known here (a deployment's
 * names, functions that ask Azure) stays as it is written and is told in `notes`, with its place.
 */
export class TemplateValues {
  readonly notes: Problem[] = []
  readonly #scope: TemplateScope
  readonly #told = new Set<string>()
  #values = 0
  #isOver = false

  constructor(scope: TemplateScope) {
    this.#scope = scope
  }

  /** A document without the expressions whose values are known. `path` is its place in the file. */
  resolve(value: unknown, path: readonly PropertyKey[], depth = 0): unknown {
    this.#values += 1
    if (depth > VALUE_DEPTH_MAX || this.#values > VALUES_MAX) {
      if (!this.#isOver) this.#note(path, 'it is too large or too deep to be resolved, and kept as it is')
      this.#isOver = true
      return value
    }
    if (typeof value === 'string') return this.#text(value, path, depth)
    if (Array.isArray(value)) return value.map((one, index) => this.resolve(one, [...path, index], depth + 1))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, this.resolve(one, [...path, key], depth + 1)]),
    )
  }

  #text(text: string, path: readonly PropertyKey[], depth: number): unknown {
    if (text.startsWith('[[')) return text.slice(1)
    if (!text.startsWith('[') || !text.endsWith(']')) return text
    const expression = parseExpression(text.slice(1, -1))
    const value = expression && this.#value(expression, path, depth)
    if (value !== undefined) return value
    this.#note(path, `the value of ${text.slice(0, 200)} is not known here: it is kept as it is`)
    return text
  }

  #value(expression: Expression, path: readonly PropertyKey[], depth: number): unknown {
    if (expression.kind === 'literal') return expression.value
    if (expression.kind === 'member') {
      const key = this.#value(expression.key, path, depth)
      return memberOf(this.#value(expression.of, path, depth), key)
    }
    const name = expression.name.toLowerCase()
    const parts = expression.parts.map((part) => this.#value(part, path, depth))
    if (parts.some((part) => part === undefined)) return undefined
    if (name === 'parameters') return this.#parameter(String(parts[0]), path, depth)
    if (name === 'variables') {
      const found = ownOf(this.#scope.variables, String(parts[0]))
      return found === undefined ? undefined : this.resolve(found, path, depth + 1)
    }
    const known: TemplateFunction | undefined = templateFunctions.get(name) ?? deploymentFunctions.get(name)
    return known?.(...parts)
  }

  #parameter(name: string, path: readonly PropertyKey[], depth: number): unknown {
    const given = ownOf(this.#scope.given, name)
    if (given !== undefined) return given
    const declared = ownOf(this.#scope.parameters, name)
    const otherwise = declared === undefined ? undefined : memberOf(declared, 'defaultValue')
    if (otherwise !== undefined) return this.resolve(otherwise, path, depth + 1)
    const why = declared === undefined ? 'is not declared' : 'has no default value'
    this.#note(path, `the parameter ${name} ${why}, and no value was given`)
    return undefined
  }

  #note(path: readonly PropertyKey[], message: string): void {
    const where = pathText(path)
    if (this.#told.has(where)) return
    this.#told.add(where)
    this.notes.push({ where, message })
  }
}

/** What a deployment knows of where it goes to; here it is this server. */
const HERE = '00000000-0000-0000-0000-000000000000'
const deploymentFunctions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  [
    'resourcegroup',
    () => ({ location: 'local', name: 'tidemark', id: `/subscriptions/${HERE}/resourceGroups/tidemark` }),
  ],
  ['subscription', () => ({ subscriptionId: HERE, id: `/subscriptions/${HERE}` })],
  ['resourceid', (...parts) => resourceIdOf(parts.map(String))],
])

/** `resourceId('Microsoft.X/type', 'name')`, with names for each further type; a group or a subscription may come first. */
function resourceIdOf(parts: readonly string[]): string | undefined {
  const at = parts.findIndex((part) => part.includes('/'))
  const [namespace, ...types] = (parts[at] ?? '').split('/')
  const names = parts.slice(at + 1)
  if (at < 0 || at > 2 || names.length !== types.length) return undefined
  const group = parts[at - 1] ?? 'tidemark'
  const subscription = at === 2 ? parts[0] : HERE
  const path = types.map((type, index) => `${type}/${names[index] ?? ''}`).join('/')
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${namespace}/${path}`
}

function ownOf(values: Readonly<Record<string, unknown>>, name: string): unknown {
  // Names of parameters are compared without regard to case (ARM template syntax).
  const key = Object.keys(values).find((one) => one.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : values[key]
}

function memberOf(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined
  if (typeof value !== 'object' || value === null) return undefined
  const found = new Map<string, unknown>(Object.entries(value))
  return found.get(String(key))
}

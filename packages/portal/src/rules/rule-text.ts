import type { Problem } from '@tidemark/base'
import { extensionName, parseRule, ruleAround, unusedIn } from '@tidemark/model'
import {
  applyEdits,
  findNodeAtLocation,
  type JSONPath,
  modify,
  type Node,
  parse,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'

/** Where a mistake stands in a rule's text. Lines and columns count from 1. */
export interface PlacedProblem extends Problem {
  readonly line: number
  readonly column: number
  readonly offset: number
  readonly length: number
}

/** A rule's text, read. */
export type ReadRule =
  | { readonly kind: 'broken'; readonly problems: readonly PlacedProblem[] }
  | {
      readonly kind: 'rule'
      readonly document: unknown
      readonly problems: readonly PlacedProblem[]
      /** What is kept and not used. */
      readonly unused: readonly PlacedProblem[]
    }

/** Characters of a rule's text at most: the server takes no more. */
export const RULE_CHARACTERS_MAX = 2_000_000
/** Places that are worked out of one text at most; a rule with more mistakes is mended from the first ones on. */
const PLACED_MAX = 200

/** Reads what stands in the editor. Total: broken JSON has its place, and so has each mistake of a rule. */
export function readRuleText(text: string, name: string): ReadRule {
  if (text.length > RULE_CHARACTERS_MAX)
    return {
      kind: 'broken',
      problems: [placedAt(text, 0, 0, `the text has ${text.length} characters, and may have ${RULE_CHARACTERS_MAX}`)],
    }
  const errors: ParseError[] = []
  const document: unknown = parse(text, errors, { disallowComments: true, allowTrailingComma: false })
  if (errors.length > 0)
    return {
      kind: 'broken',
      // What is missing is often two things at once, at one place.
      problems: errors
        .filter(({ offset }, index) => offset !== errors[index - 1]?.offset)
        .slice(0, PLACED_MAX)
        .map((error) => placedAt(text, error.offset, error.length, mistakeOf(error))),
    }
  const tree = parseTree(text)
  const placed = (problems: readonly Problem[]): PlacedProblem[] =>
    problems.slice(0, PLACED_MAX).map((problem) => placedIn(text, tree, problem))
  const read = parseRule(document, name)
  return {
    kind: 'rule',
    document,
    problems: placed(read.kind === 'rejected' ? read.problems : []),
    unused: placed(unusedIn(document)),
  }
}

/** A document as people edit it. */
export function textOfRule(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

/** The text with another value in one place, everything else as it is written; without that place for `undefined`. */
export function editedText(text: string, path: JSONPath, value: unknown): string {
  return applyEdits(text, modify(text, path, value, { formattingOptions: FORMAT }))
}

/** The text with one more element at the end of a list, which is made where there is none. */
export function appendedText(text: string, path: JSONPath, elements: readonly unknown[]): string {
  return elements.reduce<string>((before, element) => {
    const list = valueAt(parse(before), path)
    if (!Array.isArray(list)) return editedText(before, path, [element])
    const edits = modify(before, [...path, list.length], element, { formattingOptions: FORMAT, isArrayInsertion: true })
    return applyEdits(before, edits)
  }, text)
}

/** The text with an element of a list in another place of it. */
export function movedText(
  text: string,
  path: JSONPath,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const list = valueAt(parse(text), path)
  if (!Array.isArray(list) || to < 0 || to >= list.length) return text
  const moved: unknown[] = list.toSpliced(from, 1).toSpliced(to, 0, list[from])
  return editedText(text, path, moved)
}

/** What stands at a path; `undefined` where nothing does. */
export function valueAt(document: unknown, path: JSONPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null) return undefined
    const members = new Map<string, unknown>(Object.entries(value))
    return members.get(String(part))
  }, document)
}

/** The text at a path; what is no text there is shown as JSON, and nothing is empty. */
export function wordsAt(document: unknown, path: JSONPath): string {
  const value = valueAt(document, path)
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Where the settings of change tracking are in a document; `undefined` where it has none. */
export function settingsPath(document: unknown): JSONPath | undefined {
  const place = ['properties', 'dataSources', 'extensions']
  const extensions = valueAt(document, place)
  if (!Array.isArray(extensions)) return undefined
  const index = extensions.findIndex((one) => valueAt(one, ['extensionName']) === extensionName)
  return index < 0 ? undefined : [...place, index, 'extensionSettings']
}

/** The text of a rule that tracked nothing, with change tracking in it beside all that it has. */
export function trackingText(text: string): string {
  const around = ruleAround({})
  return ['dataSources.extensions', 'destinations.logAnalytics', 'dataFlows'].reduce((before, place) => {
    const path = ['properties', ...place.split('.')]
    const elements = valueAt(around, path)
    const present = valueAt(parse(before), path)
    const names = new Set((Array.isArray(present) ? present : []).map((one) => valueAt(one, ['name'])))
    const missing = (Array.isArray(elements) ? elements : []).filter((one) => {
      const name = valueAt(one, ['name'])
      return name === undefined || !names.has(name)
    })
    return appendedText(before, path, missing)
  }, text)
}

const FORMAT = { insertSpaces: true, tabSize: 2, eol: '\n' } as const

/** `properties.dataFlows[0].streams` and `[0]["a.b"]` as their parts. */
export function partsOf(where: string): JSONPath {
  return [...where.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted ?? name ?? '') : Number(index),
  )
}

function placedIn(text: string, tree: Node | undefined, problem: Problem): PlacedProblem {
  const parts = partsOf(problem.where)
  // What is missing stands nowhere: the nearest thing that is there is shown.
  for (let length = parts.length; length >= 0; length -= 1) {
    const node = tree && findNodeAtLocation(tree, parts.slice(0, length))
    if (node === undefined) continue
    const shown = node.parent?.type === 'property' && length < parts.length ? (node.parent.children?.[0] ?? node) : node
    return { ...placedAt(text, shown.offset, shown.length, problem.message), where: problem.where }
  }
  return { ...placedAt(text, 0, 0, problem.message), where: problem.where }
}

function placedAt(text: string, offset: number, length: number, message: string): PlacedProblem {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  // A mark over many lines shows nothing.
  const end = text.indexOf('\n', offset)
  return { where: '', message, line, column, offset, length: end < 0 ? length : Math.min(length, end - offset) }
}

/** `a property name is missing`, of `PropertyNameExpected`. */
function mistakeOf({ error }: ParseError): string {
  if (printParseErrorCode(error) === 'EndOfFileExpected') return 'something stands behind the end of the document'
  const words = printParseErrorCode(error)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
  const [, what] = /^(.*) expected$/.exec(words) ?? []
  return what === undefined ? words : `a ${what} is missing`
}

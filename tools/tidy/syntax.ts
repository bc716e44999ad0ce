import { parseSync } from 'oxc-parser'

import type { SourceFile } from './source-file.ts'

/** A node of the ESTree that oxc gives, with only what every node has. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** A comment without its delimiters. */
export interface Comment {
  readonly kind: 'line' | 'block'
  readonly text: string
  readonly start: number
  readonly end: number
}

/** One file, read by a real parser. */
export interface Syntax {
  readonly program: SyntaxNode
  readonly comments: readonly Comment[]
  readonly problems: readonly string[]
  /** The line, from 1, of an offset in the text. */
  readonly lineAt: (offset: number) => number
}

const known = new WeakMap<SourceFile, Syntax>()

/** Parses a file once, however many rules ask. Total: a file with mistakes gives `problems`. */
export function syntaxOf(file: SourceFile): Syntax {
  const before = known.get(file)
  if (before) return before
  const parsed = parseSync(file.path, file.text)
  const syntax: Syntax = {
    program: asNode(parsed.program) ?? { type: 'Program', start: 0, end: 0 },
    comments: parsed.comments.map((comment) => ({
      kind: comment.type === 'Line' ? 'line' : 'block',
      text: comment.value,
      start: comment.start,
      end: comment.end,
    })),
    problems: parsed.errors.map((error) => error.message),
    lineAt: lineFinder(file.text),
  }
  known.set(file, syntax)
  return syntax
}

/** Every node under `root`, parents first. `leave` says which nodes not to enter. */
export function* nodesUnder(
  root: SyntaxNode,
  leave: (node: SyntaxNode) => boolean = () => false,
): Generator<SyntaxNode> {
  yield root
  if (leave(root)) return
  for (const child of childrenOf(root)) yield* nodesUnder(child, leave)
}

/** The direct children of a node, in the order of the text. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (const field in node) {
    const value = node[field]
    if (Array.isArray(value)) for (const item of value) pushNode(children, item)
    else pushNode(children, value)
  }
  return children
}

function pushNode(into: SyntaxNode[], value: unknown): void {
  const node = asNode(value)
  if (node) into.push(node)
}

/** The value as a node, when it is one. */
export function asNode(value: unknown): SyntaxNode | undefined {
  return isNode(value) ? value : undefined
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** The nodes of a field that holds a list. */
export function nodesIn(value: unknown): SyntaxNode[] {
  return Array.isArray(value) ? value.flatMap((item) => asNode(item) ?? []) : []
}

/** The name of an identifier or the text of a string literal; else `undefined`. */
export function nameOf(value: unknown): string | undefined {
  const node = asNode(value)
  if (node === undefined) return undefined
  if (typeof node['name'] === 'string') return node['name']
  return node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined
}

/** `Date.now` for that member expression, `setTimeout` for that identifier; else `undefined`. */
export function dottedName(value: unknown): string | undefined {
  const node = asNode(value)
  if (node?.type === 'Identifier') return nameOf(node)
  if (node?.type === 'MetaProperty') return `${nameOf(node['meta'])}.${nameOf(node['property'])}`
  if (node?.type === 'ChainExpression') return dottedName(node['expression'])
  if (node?.type !== 'MemberExpression') return undefined
  const object = dottedName(node['object'])
  const property = nameOf(node['property'])
  return object !== undefined && property !== undefined ? `${object}.${property}` : undefined
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }
}

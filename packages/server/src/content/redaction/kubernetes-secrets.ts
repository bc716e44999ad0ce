import type { Span } from './span.ts'

const KIND_LINE = /^[ \t-]*["']?kind["']?[ \t]*:[ \t]*["']?Secret["']?[ \t]*,?[ \t]*\r?$/
const KIND_INLINE = /"kind"[ \t]*:[ \t]*"Secret"/
const DATA_LINE = /^([ \t]*(?:- )?)["']?(?:data|stringData)["']?[ \t]*:[ \t]*\{?[ \t]*\r?$/
const DATA_INLINE = /["']?\b(?:data|stringData)["']?[ \t]*:[ \t]*\{/g

/** What is known of a text's lines because they belong to a Kubernetes Secret. */
export interface SecretData {
  /** Numbers of lines whose value is a secret, whatever its name is. */
  readonly lines: ReadonlySet<number>
  /** Secrets in lines that hold a whole object. */
  readonly spans: ReadonlyMap<number, readonly Span[]>
}

/**
 * Finds `data` and `stringData` of every document that has `kind: Secret`, in YAML and JSON. A document of several objects
 * counts as a whole: rather too much is hidden than too little.
 */
export function kubernetesSecrets(lines: readonly string[]): SecretData {
  const found = { lines: new Set<number>(), spans: new Map<number, Span[]>() }
  let first = 0
  for (let number = 0; number <= lines.length; number += 1) {
    if (number < lines.length && !/^---(?:\s|$)/.test(lines[number] ?? '')) continue
    if (hasSecret(lines, first, number)) collect(lines, { first, last: number }, found)
    first = number + 1
  }
  return found
}

function hasSecret(lines: readonly string[], first: number, last: number): boolean {
  for (let number = first; number < last; number += 1) {
    const line = lines[number] ?? ''
    if (KIND_LINE.test(line) || KIND_INLINE.test(line)) return true
  }
  return false
}

function collect(
  lines: readonly string[],
  { first, last }: { readonly first: number; readonly last: number },
  found: { readonly lines: Set<number>; readonly spans: Map<number, Span[]> },
): void {
  let indent: number | undefined
  for (let number = first; number < last; number += 1) {
    const line = lines[number] ?? ''
    const block = DATA_LINE.exec(line)
    if (block) {
      indent = block[1]?.length ?? 0
      continue
    }
    const own = line.length - line.trimStart().length
    if (indent !== undefined && (line.trim() === '' || own > indent)) {
      found.lines.add(number)
      continue
    }
    indent = undefined
    const inline = objectsIn(line)
    if (inline.length > 0) found.spans.set(number, inline)
  }
}

/** What stands between the braces of each `data`; to the end of the line where one is not closed on it. */
function objectsIn(line: string): Span[] {
  const spans: Span[] = []
  let passed = 0
  for (const { 0: head, index } of line.matchAll(DATA_INLINE)) {
    // Each character is looked at once, also where no brace closes.
    if (index < passed) continue
    const start = index + head.length
    const close = line.indexOf('}', start)
    passed = close === -1 ? line.length : close
    spans.push({ start, end: close === -1 ? line.trimEnd().length : close })
  }
  return spans
}

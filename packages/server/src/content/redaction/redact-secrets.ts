import { createHmac } from 'node:crypto'

import { keyBlocks } from './key-blocks.ts'
import { knownTokens } from './known-tokens.ts'
import { kubernetesSecrets } from './kubernetes-secrets.ts'
import { cleanState, namedSecrets } from './line-secrets.ts'
import { merged, type Span } from './span.ts'

/** A text without its likely secrets. */
export interface Redacted {
  /** As many lines as before; each secret is `[redacted 3f2a]`. */
  readonly text: string
  /** How many secrets were replaced. */
  readonly count: number
}

/** Hex digits of a mark: enough to see that a secret changed, too few to find out by it what it is. */
const MARK_DIGITS = 4

/**
 * Replaces what is most likely a secret by a mark: the same secret by the same mark under one key, another one by another
 * (but for one in 65,536). Private keys, passwords and tokens by their names or their looks, hashes of passwords,
 * credentials in URLs, Kubernetes Secrets. Total, and linear in the text's length whatever it holds. `key` is random and
 * never leaves the process, so that marks cannot be tried out elsewhere.
 */
export function redactSecrets(text: string, key: Uint8Array): Redacted {
  const lines = text.split('\n')
  const blocks = keyBlocks(lines)
  const kubernetes = kubernetesSecrets(lines)
  const markOf = marksUnder(key)
  let state = cleanState
  let count = 0
  const shown = lines.map((line, number) => {
    const block = blocks.get(number) ?? []
    const named = namedSecrets(line, state, { isSecretData: kubernetes.lines.has(number) })
    state = named.state
    const spans = merged([...block, ...named.spans, ...knownTokens(line), ...(kubernetes.spans.get(number) ?? [])])
    if (spans.length === 0) return line
    count += spans.filter(({ isContinued }) => isContinued !== true).length
    return replaced(line, spans, markOf)
  })
  return { text: shown.join('\n'), count }
}

function replaced(line: string, spans: readonly Span[], markOf: (secret: string) => string): string {
  const pieces: string[] = []
  let at = 0
  for (const { start, end, secret = line.slice(start, end) } of spans) {
    pieces.push(line.slice(at, start), `[redacted ${markOf(secret)}]`)
    at = end
  }
  return `${pieces.join('')}${line.slice(at)}`
}

/** Each secret's mark is made once: a file may repeat one on every line. */
function marksUnder(key: Uint8Array): (secret: string) => string {
  const known = new Map<string, string>()
  return (secret) => {
    const mark = known.get(secret) ?? createHmac('sha256', key).update(secret).digest('hex').slice(0, MARK_DIGITS)
    known.set(secret, mark)
    return mark
  }
}

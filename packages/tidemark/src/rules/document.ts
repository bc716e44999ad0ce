import { type DataCollectionRule, parseRule } from '@tidemark/model'
import { problemsText } from '@tidemark/base'

import { CommandError, exitCodes } from '../terminal/exit.ts'

/** Bytes of a rule's file at most. */
export const RULE_BYTES_MAX = 4 * 1024 * 1024

/** A rule from the text of a file: a DCR as exported from Azure or by `rules show`. Mistakes come with their place. */
export function readRuleDocument(path: string, text: string, name: string): DataCollectionRule {
  if (text.length > RULE_BYTES_MAX) {
    throw new CommandError(
      'rule-rejected',
      `${path} has ${text.length} characters; a rule may have ${RULE_BYTES_MAX}`,
      { exitCode: exitCodes.usage },
    )
  }
  const parsed = parseRule(readJson(path, text), name)
  if (parsed.kind === 'parsed') return parsed.value
  throw new CommandError('rule-rejected', `${path} is no valid rule:\n${problemsText(parsed.problems)}`, {
    exitCode: exitCodes.usage,
  })
}

function readJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('rule-rejected', `${path} is no JSON: ${placed(message, text)}`, {
      exitCode: exitCodes.usage,
      cause,
    })
  }
}

/** V8 tells the place as an offset, and only sometimes as line and column; people want line and column. */
function placed(message: string, text: string): string {
  const [, offset] = /at position (\d+)/.exec(message) ?? []
  if (offset === undefined)
    return message.includes('Unexpected end') ? `line ${text.split('\n').length}: ${message}` : message
  const before = text.slice(0, Number(offset)).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${message.replace(/ in JSON at position.*$/, '')}`
}

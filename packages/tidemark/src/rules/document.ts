import { type DataCollectionRule, parseRule } from '@tidemark/model'
import { problemsText } from '@tidemark/base'

import { parse, type ParseError, printParseErrorCode } from 'jsonc-parser'

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
  const errors: ParseError[] = []
  const document: unknown = parse(text, errors, { disallowComments: true, allowTrailingComma: false })
  const [first] = errors
  if (first === undefined) return document
  const before = text.slice(0, first.offset).split('\n')
  throw new CommandError(
    'rule-rejected',
    `${path} is no JSON: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${printParseErrorCode(first.error)}`,
    { exitCode: exitCodes.usage },
  )
}

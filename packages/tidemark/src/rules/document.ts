import { problemsText } from '@tidemark/base'
import {
  type DataCollectionRule,
  type ExtensionSettings,
  parseExtensionSettings,
  parseRule,
  trackingSettings,
} from '@tidemark/model'

import { parse, type ParseError, printParseErrorCode } from 'jsonc-parser'

import { CommandError, exitCodes } from '../terminal/exit.ts'

/** Bytes of a rule's file at most. */
export const RULE_BYTES_MAX = 4 * 1024 * 1024

/** A rule from the text of a file: a DCR as exported from Azure or by `rules show`. Mistakes come with their place. */
export function readRuleDocument(path: string, text: string, name: string): DataCollectionRule {
  return ruleOf(path, readJson(path, text), name)
}

/** What a file asks of change tracking. */
export interface RuleSettings {
  readonly name: string
  readonly settings: ExtensionSettings
}

/** The same from a DCR or from only its `extensionSettings`, which carry no name. Mistakes come with their place. */
export function readSettingsDocument(path: string, text: string, name: string): RuleSettings {
  const document = readJson(path, text)
  if (isObject(document) && !('properties' in document) && sections.some((section) => section in document)) {
    const { settings, problems } = parseExtensionSettings(document)
    if (problems.length === 0) return { name, settings }
    throw rejected(`${path} has no valid extensionSettings:\n${problemsText(problems)}`)
  }
  if (!isObject(document) || !('properties' in document)) {
    throw rejected(
      `${path} is neither a rule, which has "properties", nor extensionSettings, which have ${sections.join(', ')}`,
    )
  }
  const rule = ruleOf(path, document, name)
  const settings = trackingSettings(rule)
  if (settings !== undefined) return { name: rule.name, settings }
  throw rejected(`${path} asks for no change tracking: properties.dataSources.extensions has no ChangeTracking-Linux`)
}

/** What `extensionSettings` may hold. */
const sections = [
  'enableFiles',
  'enableSoftware',
  'enableServices',
  'enableInventory',
  'enableRegistry',
  'fileSettings',
  'softwareSettings',
  'servicesSettings',
  'inventorySettings',
] as const

function ruleOf(path: string, document: unknown, name: string): DataCollectionRule {
  const parsed = parseRule(document, name)
  if (parsed.kind === 'parsed') return parsed.value
  throw rejected(`${path} is no valid rule:\n${problemsText(parsed.problems)}`)
}

/** What a file with mistakes is answered with. */
export function rejected(message: string): CommandError {
  return new CommandError('rule-rejected', message, { exitCode: exitCodes.usage })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The document of a file's text. Broken JSON is told with its line and column. */
export function readJson(path: string, text: string): unknown {
  if (text.length > RULE_BYTES_MAX)
    throw rejected(`${path} has ${text.length} characters; a rule may have ${RULE_BYTES_MAX}`)
  const errors: ParseError[] = []
  const document: unknown = parse(text, errors, { disallowComments: true, allowTrailingComma: false })
  const [first] = errors
  if (first === undefined) return document
  const before = text.slice(0, first.offset).split('\n')
  throw rejected(
    `${path} is no JSON: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${mistakeOf(first)}`,
  )
}

/** `a property name is missing`, of `PropertyNameExpected`. */
function mistakeOf({ error }: ParseError): string {
  if (printParseErrorCode(error) === 'EndOfFileExpected') return 'something stands behind the end of the document'
  const words = printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  const [, what] = /^(.*) expected$/.exec(words) ?? []
  return what === undefined ? words : `a ${what} is missing`
}

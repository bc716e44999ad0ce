import { resolve } from 'node:path'

import { parse, type ParseError, printParseErrorCode } from 'jsonc-parser'

import { readText, readTextIfThere, reasonOf } from '../host/files.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'

/** What a settings file holds before it is checked. */
export type SettingsDocument = Readonly<Record<string, unknown>>

/**
 * The document of a settings file, JSON with comments: of the one that is `named`, which must be there, or of the one at
 * the usual place, where there is one. Throws `CommandError` with the place of the mistake.
 */
export function readSettingsFile(options: {
  readonly named: string | undefined
  readonly usual: string
  readonly folder: string
}): { readonly path: string; readonly document: SettingsDocument } {
  const { named, usual, folder } = options
  const path = named === undefined ? usual : resolve(folder, named)
  const text = named === undefined ? readTextIfThere(path) : mustRead(path)
  return { path, document: text === undefined ? {} : parseDocument(path, text) }
}

/** A part of the file with what the command line says of it, which wins. What is no object is left for the check. */
export function settingsPart(file: SettingsDocument, name: string, said: SettingsDocument, otherwise = {}): unknown {
  const there = file[name]
  if (there !== undefined && !isDocument(there)) return there
  const known = Object.entries(said).filter(([, value]) => value !== undefined)
  return { ...otherwise, ...there, ...Object.fromEntries(known) }
}

function mustRead(path: string): string {
  try {
    return readText(path)
  } catch (cause) {
    throw new CommandError('bad-option', `${path} cannot be read: ${reasonOf(cause)}`, {
      cause,
      exitCode: exitCodes.usage,
    })
  }
}

function parseDocument(path: string, text: string): SettingsDocument {
  const mistakes: ParseError[] = []
  const document: unknown = parse(text, mistakes, { allowTrailingComma: true })
  const [mistake] = mistakes
  if (mistake === undefined && isDocument(document)) return document
  const before = text.slice(0, mistake?.offset ?? 0).split('\n')
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
  const what = mistake ? printParseErrorCode(mistake.error) : 'settings are a JSON object'
  throw new CommandError('bad-option', `${path}: ${place}: ${what}`, { exitCode: exitCodes.usage })
}

function isDocument(value: unknown): value is SettingsDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { resolve } from 'node:path'

import type { AgentSettings } from '@tidemark/agent'
import { problemsText } from '@tidemark/base'
import { agentPlaces, problemOf } from '@tidemark/model'
import { parse, type ParseError, printParseErrorCode } from 'jsonc-parser'

import { readText, readTextIfThere, reasonOf } from '../host/files.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'

/** What the command line says of the agent; each wins over the settings file. */
export interface AgentOptions {
  readonly root: string
  readonly settings?: string
  readonly socketsDirectory?: string
  readonly uploadInterval?: number
  readonly refreshInterval?: number
  readonly heartbeatInterval?: number
  readonly diagnostics?: string
  readonly logFile?: string
  readonly logLevel?: string
}

/** The agent's settings: of its file, JSON with comments, where there is one; what the command line says wins. */
export async function readAgentSettings(
  options: AgentOptions,
  surroundings: { readonly folder: string; readonly proxies: Readonly<Record<string, string | undefined>> },
): Promise<AgentSettings> {
  const { agentSettings } = await import('@tidemark/agent')
  const path = options.settings ? resolve(surroundings.folder, options.settings) : agentPlaces(options.root).settings
  const text = options.settings ? mustRead(path) : readTextIfThere(path)
  const file = text === undefined ? {} : parseDocument(path, text)
  const read = agentSettings.safeParse(merged(file, options, surroundings.proxies))
  if (read.success) return read.data
  throw new CommandError('bad-option', `${path}: ${problemsText(read.error.issues.map(problemOf))}`, {
    exitCode: exitCodes.usage,
  })
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

function parseDocument(path: string, text: string): Readonly<Record<string, unknown>> {
  const mistakes: ParseError[] = []
  const document: unknown = parse(text, mistakes, { allowTrailingComma: true })
  const [mistake] = mistakes
  if (mistake === undefined && isDocument(document)) return document
  const before = text.slice(0, mistake?.offset ?? 0).split('\n')
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
  const what = mistake ? printParseErrorCode(mistake.error) : 'settings are a JSON object'
  throw new CommandError('bad-option', `${path}: ${place}: ${what}`, { exitCode: exitCodes.usage })
}

function isDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function merged(
  file: Readonly<Record<string, unknown>>,
  options: AgentOptions,
  proxies: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, unknown>> {
  const part = (name: string, said: Readonly<Record<string, unknown>>, otherwise = {}): unknown => {
    const there = file[name]
    if (there !== undefined && !isDocument(there)) return there
    const known = Object.entries(said).filter(([, value]) => value !== undefined)
    return { ...otherwise, ...there, ...Object.fromEntries(known) }
  }
  return {
    ...file,
    root: options.root,
    sockets: part('sockets', { directory: options.socketsDirectory }),
    upload: part('upload', { intervalMs: options.uploadInterval }),
    rules: part('rules', { refreshMs: options.refreshInterval }),
    heartbeat: part('heartbeat', { intervalMs: options.heartbeatInterval }),
    diagnostics: part('diagnostics', { listen: options.diagnostics }),
    log: part('log', { level: options.logLevel }),
    proxy: part('proxy', {}, proxies),
  }
}

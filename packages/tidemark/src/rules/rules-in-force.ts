import { join } from 'node:path'

import { problemsText } from '@tidemark/base'
import type { Tracking } from '@tidemark/changetracking'
import { agentPlaces, configChunk, type ExtensionConfiguration, extensionName, problemOf } from '@tidemark/model'

import { namesEndingIn, readText, reasonOf } from '../host/files.ts'
import { CommandError } from '../terminal/exit.ts'

/**
 * The rules that are in force on this machine, from the agent's config chunks below `root`. Throws `CommandError` (exit
 * code 3) where there are no config chunks, or they may not be read or are damaged: half the rules would explain wrongly.
 */
export async function rulesInForce(root: string): Promise<Tracking> {
  const { trackingOf } = await import('@tidemark/changetracking')
  const folder = agentPlaces(root).configChunks
  const names = unlessRefused(folder, () => namesEndingIn(folder, '.json'))
  if (names === undefined)
    throw new CommandError(
      'no-installation',
      `no agent keeps rules below ${root} (${folder} is not there). Start one with "tidemark up", say --state or --root, or give a rule with --rule FILE.`,
    )
  return trackingOf(names.filter((name) => name !== 'machine.json').flatMap((name) => configurationsIn(folder, name)))
}

function configurationsIn(folder: string, name: string): readonly ExtensionConfiguration[] {
  const path = join(folder, name)
  const text = unlessRefused(path, () => readText(path))
  const read = configChunk.safeParse(jsonOf(text))
  if (read.success) return read.data.extensionConfigurations[extensionName] ?? []
  throw new CommandError(
    'rule-rejected',
    `${path} is damaged; the agent fetches it anew at its next start: ${problemsText(read.error.issues.map(problemOf))}`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unlessRefused<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new CommandError(
      'not-found',
      `the rules in force cannot be read at ${path}: ${reasonOf(cause)}. Is this the account of the agent, or root?`,
      { cause },
    )
  }
}

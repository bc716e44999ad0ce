import type { AgentSettings } from '@tidemark/agent'
import { problemsText } from '@tidemark/base'
import { agentPlaces, problemOf } from '@tidemark/model'

import { CommandError, exitCodes } from '../terminal/exit.ts'
import { readSettingsFile, type SettingsDocument, settingsPart } from './settings-file.ts'

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
  const { folder, proxies } = surroundings
  const usual = agentPlaces(options.root).settings
  const { path, document } = readSettingsFile({ named: options.settings, usual, folder })
  const read = agentSettings.safeParse(merged(document, options, proxies))
  if (read.success) return read.data
  throw new CommandError('bad-option', `${path}: ${problemsText(read.error.issues.map(problemOf))}`, {
    exitCode: exitCodes.usage,
  })
}

function merged(
  file: SettingsDocument,
  options: AgentOptions,
  proxies: Readonly<Record<string, string | undefined>>,
): SettingsDocument {
  return {
    ...file,
    root: options.root,
    sockets: settingsPart(file, 'sockets', { directory: options.socketsDirectory }),
    upload: settingsPart(file, 'upload', { intervalMs: options.uploadInterval }),
    rules: settingsPart(file, 'rules', { refreshMs: options.refreshInterval }),
    heartbeat: settingsPart(file, 'heartbeat', { intervalMs: options.heartbeatInterval }),
    diagnostics: settingsPart(file, 'diagnostics', { listen: options.diagnostics }),
    log: settingsPart(file, 'log', { level: options.logLevel }),
    proxy: settingsPart(file, 'proxy', {}, proxies),
  }
}

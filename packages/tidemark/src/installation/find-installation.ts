import { dirname, join, resolve } from 'node:path'

import { readText, readTextIfThere, reasonOf } from '../host/files.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { type Installation, installation, installationFileName } from './installation.ts'

/** How a command is told where to look; each stands for what `tidemark.json` would say. */
export interface Whereabouts {
  readonly server?: string
  readonly tokenFile?: string
  readonly state?: string
}

/**
 * Looks in `--state`, else in `./var` here and in every folder above. `undefined` where there is none; throws `CommandError`
 * where `--state` names a folder without one, or one that may not be read.
 */
export function findInstallation(where: Whereabouts, folder: string): Installation | undefined {
  if (where.state !== undefined) return installationAt(join(resolve(folder, where.state), installationFileName))
  for (const path of candidatesFrom(folder)) {
    const text = readTextIfThere(path)
    if (text !== undefined) return parse(path, text)
  }
  return undefined
}

function installationAt(path: string): Installation {
  try {
    return parse(path, readText(path))
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw new CommandError(
      'no-installation',
      `${path} cannot be read: ${reasonOf(cause)}. Is that the state folder of "tidemark up", and this the account that started it?`,
      { cause },
    )
  }
}

/** What "tidemark up" wrote into a state folder, where it did. */
export function installationIn(stateFolder: string): Installation | undefined {
  const path = join(stateFolder, installationFileName)
  const text = readTextIfThere(path)
  return text === undefined ? undefined : parse(path, text)
}

function candidatesFrom(folder: string): string[] {
  const found: string[] = []
  for (let at = resolve(folder); ; at = dirname(at)) {
    found.push(join(at, 'var', installationFileName))
    if (at === dirname(at)) return found
  }
}

function parse(path: string, text: string): Installation {
  try {
    return installation.parse(JSON.parse(text))
  } catch (cause) {
    throw new CommandError(
      'no-installation',
      `${path} is not what "tidemark up" writes there; start "tidemark up" again, or delete the file`,
      { cause },
    )
  }
}

/** Where the server is and with which token to ask it. */
export interface ServerAddress {
  readonly url: string
  readonly token: string
}

/** From `--server` and `--token-file` (or TIDEMARK_SERVER, TIDEMARK_TOKEN), else from the installation. */
export function findServer(
  where: Whereabouts,
  surroundings: { readonly folder: string; readonly environment: Readonly<Record<string, string | undefined>> },
): ServerAddress {
  const found = findInstallation(where, surroundings.folder)
  const url = where.server ?? surroundings.environment['TIDEMARK_SERVER'] ?? found?.serverUrl
  if (url === undefined) {
    throw new CommandError(
      'no-installation',
      'no server is known here: there is no var/tidemark.json in this folder or above it.\nStart one with "tidemark up" (or "npm start"), or say --server URL --token-file FILE.',
    )
  }
  const tokenFile = where.tokenFile ?? found?.adminTokenFile
  const token = where.tokenFile
    ? readTextIfThere(where.tokenFile)
    : (surroundings.environment['TIDEMARK_TOKEN'] ?? (tokenFile === undefined ? undefined : readTextIfThere(tokenFile)))
  if (token === undefined) {
    throw new CommandError(
      'sign-in-refused',
      `no token for ${url}: ${tokenFile === undefined ? 'say --token-file FILE or set TIDEMARK_TOKEN' : `${tokenFile} cannot be read; use the account that started the server`}`,
      { exitCode: exitCodes.unavailable },
    )
  }
  return { url: url.replace(/\/+$/, ''), token: token.trim() }
}

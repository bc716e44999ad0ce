import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { SetupError } from './say.mjs'

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

const ARCHITECTURES = ['x64', 'arm64']

/** The Node 24 that npm installed. Refuses where npm has none for this machine. */
export function ownNode() {
  const path = expectedNode()
  if (!existsSync(path)) {
    throw new SetupError(
      `${path} is missing.\nRemove node_modules and run this again; was npm told to omit optional packages?`,
    )
  }
  return path
}

/** Where Node 24 is, or will be. */
export function expectedNode() {
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch)) {
    throw new SetupError(
      `Tidemark runs on Linux on ${ARCHITECTURES.join(' and ')}; this is ${process.platform} on ${process.arch}.`,
    )
  }
  return join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
}

/** The environment for children: `node` is Node 24, and the workspace's tools are found by name. */
export function ownEnvironment() {
  return { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` }
}

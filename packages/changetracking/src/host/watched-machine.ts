import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from 'node:fs'

import { comeFirst } from '@tidemark/linux'

import { bytesOf } from '../files/file-name.ts'
import { folderOf, joined, nameOf } from '../files/path-parts.ts'
import type { WatchedMachine } from '../watch/watched-machine.ts'

/** This machine. */
export function openWatchedMachine(): WatchedMachine {
  return {
    mountinfo: () => quietly(() => readFileSync('/proc/self/mountinfo', 'latin1')) ?? '',
    openMountinfo: () => quietly(() => openSync('/proc/self/mountinfo', 'r')),
    openFolder: (path) => quietly(() => openSync(bytesOf(path), constants.O_RDONLY | constants.O_DIRECTORY)),
    close: (descriptor) => {
      quietly(() => closeSync(descriptor))
    },
    pathOf: (descriptor) => {
      const path = quietly(() => readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'latin1' }))
      if (path === undefined || !path.startsWith('/')) return undefined
      // The kernel marks what was deleted; a folder may also be called so.
      return path.endsWith(' (deleted)') && !existsSync(bytesOf(path)) ? undefined : path
    },
    realPath,
    names: (folder) =>
      quietly(() =>
        readdirSync(bytesOf(folder), { withFileTypes: true, encoding: 'latin1' }).map((entry) => ({
          name: entry.name,
          isFolder: entry.isDirectory(),
        })),
      ) ?? [],
    limit: (name) => {
      const text = quietly(() => readFileSync(`/proc/sys/${name}`, 'latin1'))
      return text === undefined ? undefined : Number(text)
    },
    hasCapability: (number) => {
      const text = quietly(() => readFileSync('/proc/self/status', 'latin1')) ?? ''
      const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(text)?.[1] ?? '0'
      return (BigInt(`0x${capabilities}`) >> BigInt(number)) % 2n === 1n
    },
    processId: process.pid,
    comeFirst,
  }
}

function realPath(path: string): string {
  let missing = ''
  for (let existing = path; ; existing = folderOf(existing)) {
    const real = quietly(() => realpathSync(bytesOf(existing), { encoding: 'latin1' }))
    if (real !== undefined) return missing === '' ? real : joined(real, missing)
    if (existing === '/') return path
    missing = missing === '' ? nameOf(existing) : `${nameOf(existing)}/${missing}`
  }
}

function quietly<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}

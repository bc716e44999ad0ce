import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Programs } from './contestant.ts'
import { runPlain } from './process.ts'

/** Each contestant's package with the libraries that a small machine lacks (Debian 12). */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  aide: ['aide', 'libmhash2'],
  integrit: ['integrit'],
  samhain: ['samhain', 'libauparse0', 'libltdl7', 'libpcre3', 'libprelude28'],
  tripwire: ['tripwire'],
}

const FOLDERS = ['usr/sbin', 'usr/bin', 'sbin', 'bin']

/**
 * The contestants that are installed, and with `unpackInto` all others, unpacked there and not installed: two of them
 * would bring a mail server, ask questions and start a daemon. Says on standard error what could not be had.
 */
export function debianPrograms(unpackInto: string | undefined): Programs {
  const libraries =
    unpackInto === undefined ? [] : ['usr/lib', 'lib'].flatMap((each) => libraryFolders(unpackInto, each))
  if (unpackInto !== undefined) {
    for (const program of Object.keys(PACKAGES)) if (locate(program, '/') === undefined) unpack(program, unpackInto)
  }
  return {
    find(program) {
      const installed = locate(program, '/')
      if (installed !== undefined) return { path: installed, env: {} }
      const unpacked = unpackInto === undefined ? undefined : locate(program, unpackInto)
      return unpacked === undefined ? undefined : { path: unpacked, env: { LD_LIBRARY_PATH: libraries.join(':') } }
    },
  }
}

function locate(program: string, root: string): string | undefined {
  return FOLDERS.map((folder) => join(root, folder, program)).find((path) => existsSync(path))
}

function unpack(program: string, into: string): void {
  const packages = join(into, 'packages', program)
  mkdirSync(packages, { recursive: true })
  try {
    runPlain({ words: ['apt-get', 'download', '-qq', ...(PACKAGES[program] ?? [])] }, { cwd: packages })
    for (const each of readdirSync(packages)) runPlain({ words: ['dpkg-deb', '-x', join(packages, each), into] })
  } catch (error) {
    console.error(`${program} could not be fetched: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Debian has libraries in a folder of the machine's kind; both kinds that we know are named, there or not. */
function libraryFolders(root: string, folder: string): string[] {
  return ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((kind) => join(root, folder, kind))
}

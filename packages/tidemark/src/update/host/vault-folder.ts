import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { extname, join } from 'node:path'

import type { Vault } from '../install-signed.ts'

/** Bytes of a package at most. */
export const PACKAGE_BYTES_MAX = 512 * 1024 * 1024
const LAST = 'last'

/** A folder of mode 0700: what lies in it is what was checked, whoever owns the file that it came from. */
export function openVault(folder: string): Vault {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const last = readdirSync(folder).find((name) => name.startsWith(`${LAST}.`) && !name.endsWith('.new'))
  return {
    last: last === undefined ? undefined : join(folder, last),
    take: (from) => {
      const bytes = readWhole(from)
      const path = join(folder, `next${extname(from)}`)
      rmSync(path, { force: true })
      writeFileSync(path, bytes, { mode: 0o600, flag: 'wx' })
      return { path, bytes }
    },
    keep: (path) => {
      const name = `${LAST}${extname(path)}`
      copyFileSync(path, join(folder, `${name}.new`))
      renameSync(join(folder, `${name}.new`), join(folder, name))
    },
  }
}

/** By one descriptor: it cannot become another file on the way. */
function readWhole(path: string): Uint8Array {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    if (size > PACKAGE_BYTES_MAX) throw new Error(`it has ${size} bytes, and ${PACKAGE_BYTES_MAX} are the most`)
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

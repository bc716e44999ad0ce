import { chmodSync, chownSync, closeSync, fsyncSync, openSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { AgentError } from '../agent-error.ts'
import { type KeyFile, machineKey } from '../enrolment/machine-key.ts'
import { makeFolder, readTextIfThere } from './files.ts'

/** The key in a file of mode 0600. Root gives it to whom its folder belongs: the agent's own user. */
export function keyFileAt(path: string): KeyFile {
  return {
    load: () => {
      const text = readTextIfThere(path)
      if (text === undefined) return undefined
      const read = machineKey.safeParse(parseJson(text))
      if (read.success) return read.data
      throw new AgentError('registration-invalid', `${path} is no key of a machine; enrol the machine again`)
    },
    save: (key) => writeSecret(path, `${JSON.stringify(key, undefined, 2)}\n`),
  }
}

/** Replaces a file that only its owner may read; on stable storage when it returns. */
export function writeSecret(path: string, text: string): void {
  makeFolder(dirname(path))
  const descriptor = openSync(`${path}.new`, 'w', 0o600)
  try {
    chmodSync(`${path}.new`, 0o600)
    const { uid, gid } = statSync(dirname(path))
    if (process.getuid?.() === 0) chownSync(`${path}.new`, uid, gid)
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${path}.new`, path)
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

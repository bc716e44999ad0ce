import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { HandedRow } from './rows-agent.ts'

/** What is compared of a file. */
export interface FileState {
  readonly checksum: string
  readonly size: number
  readonly mode: string
  readonly inode: string
}

/** Every file below a folder, as it is. */
export function readTree(folder: string, into = new Map<string, FileState>()): Map<string, FileState> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) readTree(path, into)
    else {
      const { size, mode, ino } = lstatSync(path)
      const checksum = createHash('sha256').update(readFileSync(path)).digest('hex')
      into.set(path, { checksum, size, mode: `0${(mode & 0o7777).toString(8).padStart(3, '0')}`, inode: String(ino) })
    }
  }
  return into
}

/**
 * Applies rows to a first state, in the order of their sequence, and gives the last one. Throws where a row does not fit
 * the state before it: what is `Added` must not be there, and what was must be what its `Previous…` columns say.
 */
export function replay(first: ReadonlyMap<string, FileState>, rows: readonly HandedRow[]): Map<string, FileState> {
  const files = new Map(first)
  const ordered = rows.toSorted((one, other) => Number(one['Sequence']) - Number(other['Sequence']))
  for (const row of ordered) apply(files, row)
  return files
}

function apply(files: Map<string, FileState>, row: HandedRow): void {
  const path = String(row['FileSystemPath'])
  const before = row['PreviousFileSystemPath']
  const from = typeof before === 'string' ? before : path
  const fits = (isThere: boolean, what: string): void => {
    if (!isThere) throw new Error(`${what}: ${JSON.stringify(row)}; it was ${JSON.stringify(files.get(from))}`)
  }
  if (row['ChangeCategory'] === 'Added' || from !== path) fits(!files.has(path), 'it was there already')
  if (row['ChangeCategory'] !== 'Added') {
    fits(same(files.get(from), stateIn(row, 'Previous')), 'it was not as the row says')
    files.delete(from)
  }
  const current = stateIn(row, '')
  if (row['ChangeCategory'] !== 'Removed' && current !== undefined) files.set(path, current)
}

function stateIn(row: HandedRow, prefix: '' | 'Previous'): FileState | undefined {
  const cell = (name: string): unknown => row[`${prefix}${name}`]
  if (cell('Size') === undefined) return undefined
  return {
    checksum: String(cell('FileContentChecksum')),
    size: Number(cell('Size')),
    mode: String(cell('FileMode')),
    inode: String(cell('Inode')),
  }
}

function same(one: FileState | undefined, other: FileState | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

import type { DatabaseSync } from 'node:sqlite'

import { withSqlite } from '../../software/host/sqlite.ts'
import { RPM_FOLDERS } from '../../software/rpm/database.ts'
import { parseHeader } from '../../software/rpm/header.ts'
import { RPM_LOCKS } from './dnf-history.ts'
import type { LogFiles, LogStatus } from './log-files.ts'
import { OperationNames } from './operation-id.ts'
import type { Operation, PackageStep } from './operation.ts'
import type { SourceReader, SourceReading } from './text-source.ts'

/** Transactions that are read to tie changes to, beside what is new; the newest. */
const KNOWN_MAX = 10
/** Packages of one transaction that are read. */
export const RPM_PACKAGES_MAX = 5_000
/** How long before its own begin dnf may have opened rpm's database, which dates rpm's transaction, in milliseconds. */
const OPENED_BEFORE_MS = 3_600_000

/**
 * What rpm itself knows of its transactions: each installed package has the id of the one that brought it, a time
 * (`INSTALLTID`). What was there before and what was only removed it does not keep.
 */
export function rpmHistory(files: LogFiles, place: (path: string) => string): SourceReader {
  const path = (): string | undefined =>
    RPM_FOLDERS.map((folder) => `${folder}/rpmdb.sqlite`).find((each) => files.status(each) !== undefined)
  return {
    source: 'rpm',
    locks: RPM_LOCKS,
    status: () => statusOf(files, path()),
    read: ({ memory, isOver }) => {
      const found = path()
      const cursor = memory?.cursor
      if (found === undefined) return { operations: [], problems: [], skippedBytes: 0, cursorBefore: () => cursor }
      return withSqlite(place(found), 'shared', (database) => readHistory(database, { from: cursor?.offset, isOver }))
    },
  }
}

function statusOf(files: LogFiles, path: string | undefined): LogStatus | undefined {
  const [status, journal] = path === undefined ? [] : [files.status(path), files.status(`${path}-wal`)]
  if (status === undefined || journal === undefined) return status
  const modifiedMs = Math.max(status.modifiedMs, journal.modifiedMs)
  return { inode: status.inode, sizeBytes: status.sizeBytes + journal.sizeBytes, modifiedMs }
}

function readHistory(
  database: DatabaseSync,
  { from, isOver }: { readonly from: number | undefined; readonly isOver: boolean },
): SourceReading {
  const ids = transactionIds(database)
  const known = ids.slice(-KNOWN_MAX)
  const wanted = from === undefined ? known : ids.filter((id) => id >= from || known.includes(id))
  const names = new OperationNames('rpm')
  const placed = wanted.map((id) => {
    const operation = operationOf(database, id, { names, isOver: isOver || id !== ids.at(-1) })
    return { operation, isBehind: id >= (from ?? 0), id }
  })
  return {
    operations: placed,
    problems: [],
    skippedBytes: 0,
    cursorBefore: (waiting) => {
      const first = placed.find(({ operation }) => waiting.has(operation.id))
      return { inode: '', offset: first?.id ?? (ids.at(-1) ?? 0) + 1, mark: '' }
    },
  }
}

/** Every id once, oldest first; the index has them in the machine's own order of bytes. */
function transactionIds(database: DatabaseSync): number[] {
  const keys = database.prepare('SELECT DISTINCT key FROM Installtid').all()
  return keys
    .flatMap(({ key }) => (key instanceof Uint8Array && key.length === 4 ? [readUInt32(key)] : []))
    .toSorted((one, other) => one - other)
}

function readUInt32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
}

function operationOf(
  database: DatabaseSync,
  id: number,
  { names, isOver }: { readonly names: OperationNames; readonly isOver: boolean },
): Operation {
  const key = Buffer.alloc(4)
  key.writeUInt32LE(id)
  const blobs = database
    .prepare(
      `SELECT p.blob FROM Installtid t JOIN Packages p ON p.hnum = t.hnum WHERE t.key = ? ORDER BY p.hnum LIMIT ${RPM_PACKAGES_MAX}`,
    )
    .all(key)
  let lastSeconds = id
  const packages = blobs.flatMap(({ blob }): PackageStep[] => {
    const read = blob instanceof Uint8Array ? parseHeader(blob) : undefined
    if (read?.kind !== 'header') return []
    const { name, version, release, epoch = '0', architecture, installedSeconds = id } = read.header
    lastSeconds = Math.max(lastSeconds, installedSeconds)
    const to = `${epoch}:${version}-${release}`
    return [{ name, ...(architecture === undefined ? {} : { architecture }), action: 'install', to }]
  })
  return {
    id: names.next(new Date(id * 1_000).toISOString().replaceAll(/[-:]|\.\d+Z/g, ''), String(id)),
    source: 'rpm',
    startMs: id * 1_000,
    endMs: isOver ? lastSeconds * 1_000 : undefined,
    packages,
    outcome: isOver ? 'completed' : undefined,
    outcomeDetail: '',
  }
}

/** Transactions of rpm that were not part of one of dnf, which opened rpm's database before it began its own. */
export function rpmByHand(rpm: readonly Operation[], dnf: readonly Operation[]): Operation[] {
  return rpm.filter(({ startMs = 0, packages }) => {
    const brought = new Set(packages.map(({ name, to }) => `${name} ${to}`))
    return !dnf.some((each) => {
      const beginMs = each.startMs ?? 0
      const isNear = startMs >= beginMs - OPENED_BEFORE_MS && startMs <= (each.endMs ?? Infinity)
      return isNear && (brought.size === 0 || each.packages.some(({ name, to }) => brought.has(`${name} ${to}`)))
    })
  })
}

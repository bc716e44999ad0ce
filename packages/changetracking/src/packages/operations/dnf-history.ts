import type { DatabaseSync } from 'node:sqlite'

import type { Clock } from '@tidemark/base'

import { type SqliteReading, withSqlite } from '../../software/host/sqlite.ts'
import { redactCommandLineText } from '../../who/redact.ts'
import type { LogFiles, LogStatus } from './log-files.ts'
import { OperationNames } from './operation-id.ts'
import type { Operation, PackageAction, PackageStep } from './operation.ts'
import type { PlacedOperation, SourceReader, SourceReading } from './text-source.ts'

/** Transactions that are read at once; of more, the newest. */
export const TRANSACTIONS_MAX = 500
/** How long a transaction without an end may be before rpm begins, or after it has ended, in milliseconds. */
const OPEN_MS = 60_000

/** The histories of dnf 5 and of dnf 4 (libdnf's SWDB), the first that is there. */
const HISTORIES = ['/usr/lib/sysimage/libdnf5/transaction_history.sqlite', '/var/lib/dnf/history.sqlite'] as const
export const RPM_LOCKS = ['/var/lib/rpm/.rpm.lock', '/usr/lib/sysimage/rpm/.rpm.lock']

/** A user id that nobody logged in with: audit's -1. */
const NOBODY = 0xffff_ffff

// libdnf's TransactionItemAction by number; dnf 5 has names for its own. What was there before is told as `replaced`.
const ACTIONS_4: Readonly<Record<number, PackageAction | 'replaced'>> = {
  1: 'install',
  2: 'downgrade',
  3: 'replaced',
  4: 'install',
  5: 'replaced',
  6: 'upgrade',
  7: 'replaced',
  8: 'remove',
  9: 'reinstall',
  10: 'replaced',
}
const ACTIONS_5: Readonly<Record<number, PackageAction | 'replaced'>> = {
  1: 'install',
  2: 'upgrade',
  3: 'downgrade',
  4: 'reinstall',
  5: 'remove',
  6: 'replaced',
}

export interface DnfHistoryOptions {
  readonly files: LogFiles
  /** Where a path is for this machine's own calls. */
  readonly place: (path: string) => string
  readonly clock: Clock
  /** Names of users by their numbers. */
  readonly users: () => ReadonlyMap<number, string>
}

/** What dnf keeps of its transactions, in a database of its own. */
export function dnfHistory(options: DnfHistoryOptions): SourceReader {
  const { files } = options
  const path = (): string | undefined => HISTORIES.find((each) => files.status(each) !== undefined)
  return {
    source: 'dnf',
    locks: RPM_LOCKS,
    status: () => withJournal(files, path()),
    read: ({ memory, isOver }) => {
      const found = path()
      if (found === undefined)
        return { operations: [], problems: [], skippedBytes: 0, cursorBefore: () => memory?.cursor }
      return readHistory(options, { path: found, cursor: memory?.cursor, isOver })
    },
  }
}

function withJournal(files: LogFiles, path: string | undefined): LogStatus | undefined {
  const status = path === undefined ? undefined : files.status(path)
  const journal = path === undefined ? undefined : files.status(`${path}-wal`)
  if (status === undefined || journal === undefined) return status
  const modifiedMs = Math.max(status.modifiedMs, journal.modifiedMs)
  return { inode: status.inode, sizeBytes: status.sizeBytes + journal.sizeBytes, modifiedMs }
}

function readHistory(
  options: DnfHistoryOptions,
  how: {
    readonly path: string
    readonly cursor: { readonly offset: number; readonly mark: string } | undefined
    readonly isOver: boolean
  },
): SourceReading {
  const reading: SqliteReading = 'shared'
  const transactions = withSqlite(options.place(how.path), reading, (database) => transactionsIn(database))
  const users = options.users()
  const names = new OperationNames('dnf')
  const { cursor } = how
  // The last transaction before the cursor is the one that was there: else it is another database.
  const isSame =
    cursor === undefined ||
    transactions.some(({ id, beginMs }) => id === cursor.offset - 1 && String(beginMs) === cursor.mark)
  const isWhole = cursor !== undefined && cursor.offset === 1 && cursor.mark === ''
  const placed = transactions.map((transaction, index): PlacedOperation & { readonly id: number } => {
    const isLast = index === transactions.length - 1
    const isYoung = options.clock.nowMs() - transaction.beginMs < OPEN_MS
    const operation = operationOf(transaction, { names, users, isOver: !isLast || (how.isOver && !isYoung) })
    const isBehind = isSame || isWhole ? transaction.id >= (cursor?.offset ?? 0) : undefined
    return { operation, isBehind, id: transaction.id }
  })
  return {
    operations: placed,
    problems: [],
    skippedBytes: 0,
    cursorBefore: (waiting) => {
      const first = placed.findIndex(({ operation }) => waiting.has(operation.id))
      const before = first < 0 ? transactions.at(-1) : transactions[first - 1]
      return { inode: '', offset: (before?.id ?? 0) + 1, mark: before === undefined ? '' : String(before.beginMs) }
    },
  }
}

interface Transaction {
  readonly id: number
  readonly beginMs: number
  readonly endMs: number | undefined
  readonly userId: number
  readonly commandLine: string
  /** As both versions number it: 1 done or begun, 2 an error or done. */
  readonly end: 'ok' | 'error' | undefined
  readonly packages: readonly PackageStep[]
}

function transactionsIn(database: DatabaseSync): Transaction[] {
  const columns = new Set(
    database
      .prepare("SELECT name FROM pragma_table_info('trans')")
      .all()
      .map(({ name }) => String(name)),
  )
  const is5 = columns.has('state_id')
  const line = columns.has('cmdline') ? 'cmdline' : 'description'
  const ended = is5 ? 'state_id' : columns.has('state') ? 'state' : 'done'
  const rows = database
    .prepare(
      `SELECT id, dt_begin, dt_end, user_id, ${line} AS line, ${ended} AS state FROM trans ORDER BY id DESC LIMIT ${TRANSACTIONS_MAX}`,
    )
    .all()
    .toReversed()
  const steps = stepsReader(database, is5)
  return rows.map((row) => {
    const end = Number(row['state'])
    return {
      id: Number(row['id']),
      beginMs: Number(row['dt_begin']) * 1_000,
      endMs: Number(row['dt_end'] ?? 0) === 0 ? undefined : Number(row['dt_end']) * 1_000,
      userId: Number(row['user_id']) >>> 0,
      commandLine: String(row['line'] ?? ''),
      end: end === (is5 ? 2 : 1) ? 'ok' : end === (is5 ? 3 : 2) ? 'error' : undefined,
      packages: steps(Number(row['id'])),
    }
  })
}

function stepsReader(database: DatabaseSync, is5: boolean): (transaction: number) => PackageStep[] {
  const tables = new Set(
    database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name)),
  )
  const facts = 'r.epoch, r.version, r.release'
  const items = tables.has('pkg_names')
    ? `SELECT n.name, a.name AS arch, ${facts}, i.action_id AS action FROM trans_item i JOIN rpm r ON r.item_id = i.item_id JOIN pkg_names n ON n.id = r.name_id JOIN archs a ON a.id = r.arch_id WHERE i.trans_id = ? ORDER BY i.id`
    : `SELECT r.name, r.arch, ${facts}, i.${is5 ? 'action_id' : 'action'} AS action FROM trans_item i JOIN rpm r ON r.item_id = i.item_id WHERE i.trans_id = ? ORDER BY i.id`
  const statement = database.prepare(items)
  const actions = is5 ? ACTIONS_5 : ACTIONS_4
  return (transaction) => {
    const found = statement.all(transaction).flatMap((row) => {
      const action = actions[Number(row['action'])]
      const [name, architecture] = [String(row['name']), String(row['arch'])]
      const version = `${Number(row['epoch'] ?? 0)}:${String(row['version'])}-${String(row['release'])}`
      return action === undefined ? [] : [{ name, architecture, version, action }]
    })
    const replaced = new Map(found.flatMap((item) => (item.action === 'replaced' ? [[item.name, item] as const] : [])))
    const steps: PackageStep[] = []
    for (const { name, architecture, version, action } of found) {
      if (action === 'replaced') continue
      const before = replaced.get(name)
      replaced.delete(name)
      const from = action === 'remove' || action === 'reinstall' ? version : before?.version
      const versions = { ...(from === undefined ? {} : { from }), ...(action === 'remove' ? {} : { to: version }) }
      steps.push({ name, architecture, action, ...versions })
    }
    // What was replaced by something of another name is gone.
    for (const { name, architecture, version } of replaced.values())
      steps.push({ name, architecture, action: 'obsolete', from: version })
    return steps
  }
}

function operationOf(
  transaction: Transaction,
  {
    names,
    users,
    isOver,
  }: { readonly names: OperationNames; readonly users: ReadonlyMap<number, string>; readonly isOver: boolean },
): Operation {
  const { id, beginMs, endMs, userId, commandLine, end, packages } = transaction
  const requestedBy = users.get(userId)
  return {
    id: names.next(new Date(beginMs).toISOString().replaceAll(/[-:]|\.\d+Z/g, ''), `${id}\n${commandLine}`),
    source: 'dnf',
    startMs: beginMs,
    endMs,
    ...(commandLine === '' ? {} : { commandLine: redactCommandLineText(commandLine) }),
    ...(userId === NOBODY ? {} : { requestedById: userId }),
    ...(requestedBy === undefined || userId === NOBODY ? {} : { requestedBy }),
    packages,
    ...outcomeOf({ end, hasEnd: endMs !== undefined, isOver }),
  }
}

function outcomeOf(of: {
  readonly end: Transaction['end']
  readonly hasEnd: boolean
  readonly isOver: boolean
}): Pick<Operation, 'outcome' | 'outcomeDetail'> {
  if (of.hasEnd && of.end === 'ok') return { outcome: 'completed', outcomeDetail: '' }
  if (of.hasEnd) return { outcome: 'failed', outcomeDetail: 'dnf says that the transaction failed' }
  if (!of.isOver) return { outcome: undefined, outcomeDetail: '' }
  return { outcome: 'interrupted', outcomeDetail: 'dnf wrote no end: it was killed, or the machine went down' }
}

import { shownPath } from '../files/file-name.ts'
import { type Actor, type Ancestor, COMMAND_LINE_CHARS_MAX, TREE_MAX } from './actor.ts'
import { parseCgroup, type Placement } from './cgroup.ts'
import type { ProcessReader } from './process-reader.ts'
import { parseAuditId, parseCommandLine, parseEffectiveUser, parseStat, type ProcessStat } from './process-text.ts'
import { redactCommandLine } from './redact.ts'

/** What is inherited from the parent, and read only where there is time for it. */
export interface Standing {
  readonly userId: number | undefined
  readonly loginId: number | undefined
  readonly auditSession: number | undefined
  readonly placement: Placement
}

/** The program that a process runs. */
export interface Image {
  readonly executable: string | undefined
  readonly commandLine: string | undefined
}

/** One process as it was read. */
export interface Process {
  readonly pid: number
  readonly stat: ProcessStat
  readonly image: Image
  readonly standing: Standing
  /** Parents, the nearest first. */
  readonly tree: readonly Ancestor[]
  /** What is concluded rather than read; empty where nothing is. */
  readonly conclusions: readonly string[]
}

const nowhere: Placement = { containerId: undefined, unit: undefined, sessionId: undefined }

/** Why a process is told with what is its parent's. */
const BORROWED = 'account, login and unit are those of its parent'

/** How a process is read. */
export interface Manner {
  /** `brief` reads what costs least: account, login and unit are then the parent's, where there is one. */
  readonly depth: 'full' | 'brief'
  readonly parent: (pid: number, child: ProcessStat) => Process | undefined
  /** Read before, while it was there. */
  readonly image?: Image | undefined
}

/** Reads one process. `undefined` where it is there no more. */
export function readProcess(reader: ProcessReader, pid: number, manner: Manner): Process | undefined {
  const stat = parseStat(reader.read(pid, 'stat') ?? '')
  if (stat === undefined) return undefined
  const own = manner.depth === 'full' ? readStanding(reader, pid) : undefined
  const read = manner.image ?? readImage(reader, pid, stat)
  // The process may have ended, and its number gone to another, while it was read.
  const isWhole = own === undefined || parseStat(reader.read(pid, 'stat') ?? '')?.startTicks === stat.startTicks
  if (!isWhole && read.commandLine === undefined) return undefined
  const parent = stat.parentPid > 0 ? manner.parent(stat.parentPid, stat) : undefined
  const { image, conclusion } = withoutGap(read, stat, parent)
  const standing = own ?? parent?.standing ?? readStanding(reader, pid)
  const isBorrowed = own === undefined && parent !== undefined
  const conclusions = [conclusion, isBorrowed ? BORROWED : undefined].filter((each) => each !== undefined)
  return { pid, stat, image, standing, tree: treeBelow(reader, parent), conclusions }
}

/** The program of a process, where it is one of those that are awaited: the rest can still be read when it has ended. */
export function awaitedImage(reader: ProcessReader, pid: number, awaited: readonly string[]): Image | undefined {
  const link = reader.executable(pid)
  const executable = link === undefined ? undefined : shownPath(link)
  if (executable === undefined || !awaited.includes(executable)) return undefined
  const commandLine = shownCommandLine(reader, pid)
  return commandLine === undefined ? undefined : { executable, commandLine }
}

function shownCommandLine(reader: ProcessReader, pid: number): string | undefined {
  const words = parseCommandLine(reader.read(pid, 'cmdline') ?? '')
  return words.length === 0 ? undefined : redactCommandLine(words.map(shownPath)).slice(0, COMMAND_LINE_CHARS_MAX)
}

function readImage(reader: ProcessReader, pid: number, stat: ProcessStat): Image {
  if (stat.isKernelThread) return { executable: undefined, commandLine: `[${stat.name}]` }
  const executable = reader.executable(pid)?.replace(/ \(deleted\)$/, '')
  return {
    executable: executable === undefined ? undefined : shownPath(executable),
    commandLine: shownCommandLine(reader, pid),
  }
}

/** What has ended keeps its name only. A fork that ran no program of its own has its parent's. */
function withoutGap(
  image: Image,
  stat: ProcessStat,
  parent: Process | undefined,
): { readonly image: Image; readonly conclusion?: string } {
  if (image.executable !== undefined || image.commandLine !== undefined) return { image }
  if (parent?.stat.name === stat.name)
    return {
      image: { executable: parent.image.executable, commandLine: undefined },
      conclusion: 'it had ended before its program could be read: the program is that of its parent',
    }
  return { image, conclusion: `it had ended before its program could be read; its name was ${stat.name}` }
}

function readStanding(reader: ProcessReader, pid: number): Standing {
  const cgroup = reader.read(pid, 'cgroup')
  return {
    userId: parseEffectiveUser(reader.read(pid, 'status') ?? ''),
    loginId: parseAuditId(reader.read(pid, 'loginuid')),
    auditSession: parseAuditId(reader.read(pid, 'sessionid')),
    placement: cgroup === undefined ? nowhere : parseCgroup(cgroup),
  }
}

function treeBelow(reader: ProcessReader, parent: Process | undefined): readonly Ancestor[] {
  if (parent === undefined) return []
  const { executable, commandLine } = parent.image
  const account = accountName(reader, parent.standing.userId)
  return [{ pid: parent.pid, executable, commandLine, account }, ...parent.tree].slice(0, TREE_MAX)
}

/** The loader of dynamic programs, which the kernel opens beside each of them. */
export function isLoader(file: string): boolean {
  return /\/ld(?:-[^/]*|\d*)\.so[.\d]*$|\/ld-musl-[^/]+$/.test(file)
}

/** A process that ended before its new program was in place: what the kernel opened for it is all that is known of that. */
export function asStarted(process: Process, files: readonly string[]): Process {
  // The loader of dynamic programs is opened last, a script's interpreter before it.
  const program = files.findLast((file) => !isLoader(file)) ?? process.image.executable ?? files[0]
  return {
    ...process,
    image: { executable: program, commandLine: undefined },
    conclusions: [
      'it had ended before its command line could be read: the program is the file that it started',
      ...process.conclusions.filter((each) => each === BORROWED),
    ],
  }
}

/** A process of which nothing but its number is known. */
export function namelessProcess(pid: number): Process {
  return {
    pid,
    stat: { name: '', parentPid: 0, startTicks: -1, isZombie: true, isKernelThread: false },
    image: { executable: undefined, commandLine: undefined },
    standing: { userId: undefined, loginId: undefined, auditSession: undefined, placement: nowhere },
    tree: [],
    conclusions: [],
  }
}

/** How a process is told. `notes` say what else there is to know. */
export function asActor(reader: ProcessReader, process: Process, notes: readonly string[]): Actor {
  const { standing, image } = process
  return {
    pid: process.pid,
    executable: image.executable,
    commandLine: image.commandLine,
    account: accountName(reader, standing.userId),
    accountId: standing.userId,
    loginAccount: accountName(reader, standing.loginId),
    loginId: standing.loginId,
    sessionId: standing.auditSession === undefined ? standing.placement.sessionId : String(standing.auditSession),
    tree: process.tree,
    containerId: standing.placement.containerId,
    unit: standing.placement.unit,
    certainty: process.conclusions.length > 0 ? 'inferred' : 'captured',
    note: [...process.conclusions, ...notes].join('; '),
  }
}

function accountName(reader: ProcessReader, id: number | undefined): string | undefined {
  return id === undefined ? undefined : (reader.accounts().get(id) ?? String(id))
}

import {
  closeDescriptors,
  type Fanotify,
  type FanotifyEvent,
  filesystemAt,
  filesystemOf,
  happened,
  LinuxError,
  openDirectory,
  openFanotify,
  pidfdGone,
} from '@tidemark/linux'

import type { PathBytes } from '../files/file-name.ts'
import { shownPath } from '../files/file-name.ts'
import type { Evidence, ProcessTable } from '../who/process-table.ts'
import { CHANGES, isFolderMove, kindsIn } from './event-kinds.ts'
import { FolderCache } from './folder-cache.ts'
import { isChangedElsewhere, isKernelsOwn, type Mount, mountOf, visiblePaths } from './mounts.ts'
import type { Place, Places } from './places.ts'
import type { Reading, Report } from './source.ts'
import type { Blind } from './touch.ts'
import type { WatchedMachine } from './watched-machine.ts'

/** In the cache, for a folder in which nothing is tracked. */
const NOTHING = 'nothing'

/**
 * Changes through fanotify: one group for what happens to files, one for programs that are started. The second is read at
 * once, the first may wait a little, so that the kernel merges what a program writes in a loop.
 */
export class FanotifySource {
  readonly #machine: WatchedMachine
  readonly #table: ProcessTable
  readonly #changes: Fanotify
  readonly #execs: Fanotify
  readonly #folders = new FolderCache<Place | typeof NOTHING>()
  /** Mounts of each marked filesystem. */
  readonly #filesystems = new Map<string, readonly Mount[]>()
  /** Folders that are open for the turn, by filesystem. Held longer, they would keep it from being unmounted. */
  readonly #anchors = new Map<string, { readonly descriptor: number; readonly mount: Mount }>()
  #places: Places | undefined
  execCount = 0

  /** Throws `LinuxError` where the kernel refuses. */
  constructor(machine: WatchedMachine, table: ProcessTable) {
    this.#machine = machine
    this.#table = table
    this.#changes = openFanotify('names')
    try {
      this.#execs = openFanotify('files')
    } catch (error) {
      this.#changes.close()
      throw error
    }
  }

  get changesDescriptor(): number {
    return this.#changes.descriptor
  }

  get execsDescriptor(): number {
    return this.#execs.descriptor
  }

  /** Marks what is to be watched; gives the mounts that cannot be, with the reason. */
  watch(places: Places, mounts: readonly Mount[], roots: readonly PathBytes[]): { mount: Mount; blind: Blind }[] {
    this.#places = places
    this.#folders.clear()
    this.#filesystems.clear()
    const refused: { mount: Mount; blind: Blind }[] = []
    const rootMounts = new Set(roots.map((root) => mountOf(mounts, root)))
    for (const mount of mounts) {
      if (!isKernelsOwn(mount) && !isChangedElsewhere(mount)) this.#markExecs(mount)
      if (!rootMounts.has(mount) && (isKernelsOwn(mount) || !places.mayHold(mount.mountPoint))) continue
      const reason = this.#markChanges(mount, mounts)
      if (reason !== undefined) refused.push({ mount, blind: { root: mount.mountPoint, reason } })
    }
    return refused
  }

  /** Reads the programs that were started into the process table. */
  readExecs(): void {
    for (let events = this.#readExecBatch(); events.length > 0; events = this.#readExecBatch()) {
      this.execCount += events.length
      const files = new Map<number, PathBytes[]>()
      for (const { pid, descriptor } of events) {
        const path = descriptor < 0 ? undefined : this.#machine.pathOf(descriptor)
        if (path !== undefined) files.set(pid, [...(files.get(pid) ?? []), path])
      }
      closeDescriptors(events.flatMap(({ pidfd, descriptor }) => [pidfd, descriptor]))
      for (const [pid, started] of files) if (pid > 0) this.#table.started(pid, started)
    }
  }

  /** Reads one buffer of changes and reports what is told. */
  readChanges(report: Report): Reading {
    const events = this.#changes.read()
    // What was started before these events is in the other queue by now.
    this.readExecs()
    this.#table.retry()
    const reading = { events: events.length, gone: 0, isOverflow: false }
    try {
      for (const event of events) {
        if ((event.mask & happened.overflow) !== 0) reading.isOverflow = true
        else if (!this.#process(event, report)) reading.gone += 1
      }
    } finally {
      if (reading.isOverflow) this.#folders.clear()
      closeDescriptors(events.map(({ pidfd }) => pidfd))
      for (const { descriptor } of this.#anchors.values()) this.#machine.close(descriptor)
      this.#anchors.clear()
    }
    return reading
  }

  close(): void {
    this.#changes.close()
    this.#execs.close()
  }

  #readExecBatch(): FanotifyEvent[] {
    try {
      return this.#execs.read()
    } catch (error) {
      // A program whose file cannot be opened for us costs its own event only.
      if (error instanceof LinuxError && error.code === 'call-failed') return []
      throw error
    }
  }

  /** False where the folder is there no more. */
  #process(event: FanotifyEvent, report: Report): boolean {
    if (isFolderMove(event.mask)) this.#folders.clear()
    if (event.pid === this.#machine.processId) return true
    const place = this.#placeOf(event.directory)
    if (place === NOTHING) return true
    if (place === undefined) return false
    const isFolder = (event.mask & happened.onDirectory) !== 0
    const kinds = kindsIn(event.mask)
    const told = this.#places?.told(place, event.name, { isFolder, kinds }) ?? []
    if (told.length > 0) report({ told, isFolder, kinds, actor: this.#table.whoIs(event.pid, evidenceOf(event)) })
    return true
  }

  #placeOf(directory: string): Place | typeof NOTHING | undefined {
    const known = this.#folders.get(directory)
    if (known !== undefined) return known
    const paths = this.#pathsOf(directory)
    if (paths === undefined) return undefined
    const place = this.#places?.of(paths) ?? NOTHING
    this.#folders.set(directory, place)
    return place
  }

  #pathsOf(directory: string): readonly PathBytes[] | undefined {
    const filesystem = filesystemOf(directory)
    const anchor = this.#anchorOf(filesystem)
    const descriptor = anchor === undefined ? undefined : openDirectory(anchor.descriptor, directory)
    if (anchor === undefined || descriptor === undefined) return undefined
    const path = this.#machine.pathOf(descriptor)
    closeDescriptors([descriptor])
    if (path === undefined) return undefined
    return visiblePaths(this.#filesystems.get(filesystem) ?? [], insidePath(path, anchor.mount))
  }

  #anchorOf(filesystem: string): { readonly descriptor: number; readonly mount: Mount } | undefined {
    const opened = this.#anchors.get(filesystem)
    if (opened !== undefined) return opened
    for (const mount of this.#filesystems.get(filesystem) ?? []) {
      const descriptor = this.#machine.openFolder(mount.mountPoint)
      if (descriptor === undefined) continue
      // A mount may be hidden by one above it: then this is another filesystem's folder.
      if (isOn(filesystem, mount)) {
        const anchor = { descriptor, mount }
        this.#anchors.set(filesystem, anchor)
        return anchor
      }
      this.#machine.close(descriptor)
    }
    return undefined
  }

  #markExecs(mount: Mount): void {
    try {
      this.#execs.markFilesystem(mount.mountPoint, happened.openExec)
    } catch (error) {
      // Programs from there are read when their change is; only the short-lived stay unknown.
      if (!(error instanceof LinuxError)) throw error
    }
  }

  #markChanges(mount: Mount, mounts: readonly Mount[]): string | undefined {
    const where = `${shownPath(mount.mountPoint)} (${mount.type})`
    if (isKernelsOwn(mount)) return `${where} is not watched: the kernel tells no changes there`
    try {
      this.#changes.markFilesystem(mount.mountPoint, CHANGES | happened.onDirectory)
      const ofDevice = mounts.filter(({ device }) => device === mount.device)
      // The mount that shows most of the filesystem is the one to ask for folders.
      ofDevice.sort((one, other) => one.root.length - other.root.length)
      this.#filesystems.set(filesystemAt(mount.mountPoint), ofDevice)
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error
      return `${where} cannot be watched through fanotify (${error.message})`
    }
    return undefined
  }
}

function isOn(filesystem: string, { mountPoint }: Mount): boolean {
  try {
    return filesystemAt(mountPoint) === filesystem
  } catch (error) {
    if (error instanceof LinuxError) return false
    throw error
  }
}

/** The path of a folder from the top of its filesystem, from its path as it is seen through a mount. */
function insidePath(path: PathBytes, { root, mountPoint }: Mount): PathBytes {
  const isBelow = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`)
  // What is not below the mount's root has no path through it; the kernel then gives the one from the filesystem's top.
  if (!isBelow) return path
  const rest = mountPoint === '/' ? path : path.slice(mountPoint.length)
  if (root === '/') return rest === '' ? '/' : rest
  return rest === '/' ? root : `${root}${rest}`
}

function evidenceOf({ pidfd }: FanotifyEvent): Evidence {
  if (pidfd >= 0) return { kind: 'pidfd', pidfd }
  return { kind: pidfd === pidfdGone ? 'gone' : 'none' }
}

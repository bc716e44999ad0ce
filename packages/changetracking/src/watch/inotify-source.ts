import { happened, type Inotify, type InotifyEvent, LinuxError, openInotify } from '@tidemark/linux'

import { type PathBytes, shownPath } from '../files/file-name.ts'
import { type Actor, unknownActor } from '../who/actor.ts'
import { CHANGES, kindsIn } from './event-kinds.ts'
import { isWithin, joined } from '../files/path-parts.ts'
import type { Place, Places } from './places.ts'
import type { Reading, Report } from './source.ts'
import type { Blind, TouchKind } from './touch.ts'
import type { WatchedMachine } from './watched-machine.ts'

/** Folders inside one another that are watched. */
const DEPTH_MAX = 256
const ENOSPC = 28

const nobody: Actor = unknownActor(0, 'seen through inotify, which does not tell who')

interface Watched {
  path: PathBytes
  place: Place
}

/** Changes through inotify: one watch for each folder in which something may be tracked. Needs no rights; tells no who. */
export class InotifySource {
  readonly #machine: WatchedMachine
  readonly #inotify: Inotify = openInotify()
  readonly #folders = new Map<number, Watched>()
  #places: Places | undefined
  #isWanted: (folder: PathBytes) => boolean = () => true
  #refusal: { reason: string; count: number } | undefined

  constructor(machine: WatchedMachine) {
    this.#machine = machine
  }

  get descriptor(): number {
    return this.#inotify.descriptor
  }

  /** How many folders are watched. */
  get size(): number {
    return this.#folders.size
  }

  /** Watches each folder that may hold something tracked and is wanted; ends other watches. Gives what cannot be. */
  watch(places: Places, isWanted: (folder: PathBytes) => boolean): Blind[] {
    this.#places = places
    this.#isWanted = isWanted
    this.#refusal = undefined
    const before = new Map(this.#folders)
    this.#folders.clear()
    this.#enter('/', { depth: 0, report: undefined })
    for (const watch of before.keys()) if (!this.#folders.has(watch)) this.#inotify.forget(watch)
    return this.takeBlind()
  }

  /** What could not be watched since it was last asked. */
  takeBlind(): Blind[] {
    const refusal = this.#refusal
    this.#refusal = undefined
    if (refusal === undefined) return []
    return [{ root: '/', reason: `${refusal.count} folders are not watched: ${refusal.reason}` }]
  }

  /** Reads one buffer of events and reports what is told. After an overflow, folders are looked for anew. */
  read(report: Report): Reading {
    const events = this.#inotify.read()
    let isOverflow = false
    for (const event of events) {
      if ((event.mask & happened.overflow) !== 0) isOverflow = true
      else this.#process(event, report)
    }
    if (isOverflow && this.#places !== undefined) this.watch(this.#places, this.#isWanted)
    return { events: events.length, gone: 0, isOverflow }
  }

  close(): void {
    this.#inotify.close()
  }

  #process(event: InotifyEvent, report: Report): void {
    const watched = this.#folders.get(event.watch)
    if (watched === undefined) return
    if ((event.mask & happened.ignored) !== 0) return void this.#folders.delete(event.watch)
    const isFolder = (event.mask & happened.onDirectory) !== 0
    const name = event.name === '' ? '.' : event.name
    this.#tell(watched.place, { name, isFolder, kinds: kindsIn(event.mask) }, report)
    if (!isFolder || name === '.') return
    const path = joined(watched.path, name)
    if ((event.mask & happened.movedFrom) !== 0) this.#leave(path)
    if ((event.mask & (happened.create | happened.movedTo)) !== 0) this.#enter(path, { depth: 0, report })
  }

  #tell(
    place: Place,
    event: { readonly name: string; readonly isFolder: boolean; readonly kinds: readonly TouchKind[] },
    report: Report,
  ): void {
    const { name, isFolder, kinds } = event
    if (kinds.length === 0) return
    const told = this.#places?.told(place, name, { isFolder, kinds }) ?? []
    if (told.length > 0) report({ told, isFolder, kinds, actor: nobody })
  }

  /**
   * Watches a folder and those in it. With a `report`, what is found in them is told as created: it may have been made
   * before the watch was there. The watch comes first, so that nothing falls in between.
   */
  #enter(path: PathBytes, options: { readonly depth: number; readonly report: Report | undefined }): void {
    const place = options.depth > DEPTH_MAX ? undefined : this.#places?.of([path])
    if (place === undefined || this.#places?.mayHold(path) !== true) return
    if (this.#isWanted(path)) this.#add(path, place)
    for (const { name, isFolder } of this.#machine.names(path)) {
      if (options.report !== undefined) this.#tell(place, { name, isFolder, kinds: ['created'] }, options.report)
      if (isFolder) this.#enter(joined(path, name), { depth: options.depth + 1, report: options.report })
    }
  }

  #add(path: PathBytes, place: Place): void {
    try {
      this.#folders.set(this.#inotify.watchFolder(path, CHANGES), { path, place })
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error
      // Gone by now, or not to be read: the scan says so.
      if (error.errno !== ENOSPC) return
      const limit = this.#machine.limit('fs/inotify/max_user_watches')
      const reason = `fs.inotify.max_user_watches is ${limit ?? 'reached'}; the schedule still sees them (first ${shownPath(path)})`
      this.#refusal = { reason: this.#refusal?.reason ?? reason, count: (this.#refusal?.count ?? 0) + 1 }
    }
  }

  #leave(path: PathBytes): void {
    for (const [watch, watched] of this.#folders) {
      if (!isWithin(watched.path, path)) continue
      this.#folders.delete(watch)
      this.#inotify.forget(watch)
    }
  }
}

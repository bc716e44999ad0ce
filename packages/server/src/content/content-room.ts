import { type Clock, problemsText } from '@tidemark/base'
import { type ContentPart, parseContentRow } from '@tidemark/model'
import type { Logger } from 'pino'

import { StoreUnavailable } from '../ports.ts'
import { Assemblies, type Assembly, type AssemblyLimits, bytesOf, isWhole } from './assemblies.ts'
import { faultOf } from './decompress-content.ts'
import { type AssemblyFolder, ownerName } from './host/assembly-folder.ts'
import type { ContentReference, ContentReferences } from './references.ts'
import type { ContentStore } from './store/content-store.ts'

/** How often what could not be finished is tried again, and old parts are looked for, in milliseconds. */
export const TEND_MS = 60_000

/** What became of contents since the start. */
export interface ContentCounts {
  /** Contents that are kept now and were not before. */
  kept: number
  /** Rows and contents that were wrong: never stored. */
  refused: number
  /** Contents whose parts were dropped: too old, or too many were open. */
  dropped: number
}

export interface ContentRoomDeps {
  readonly store: ContentStore
  readonly references: ContentReferences
  readonly folder: AssemblyFolder
  readonly clock: Clock
  readonly log: Logger
  readonly limits?: AssemblyLimits
}

/** Whom an upload speaks for. */
export interface Uploader {
  readonly workspaceId: string
  readonly resourceId: string
}

/** A workspace's contents: takes their parts, puts them together, and gives them to who may read them. */
export class ContentRoom implements AsyncDisposable {
  readonly counts: ContentCounts = { kept: 0, refused: 0, dropped: 0 }
  readonly #deps: ContentRoomDeps
  readonly #assemblies: Assemblies
  /** One piece of work at a time: it is short, and parts that come twice at once would meet each other. */
  #work: Promise<unknown> = Promise.resolve()

  private constructor(deps: ContentRoomDeps, assemblies: Assemblies) {
    this.#deps = deps
    this.#assemblies = assemblies
  }

  /** Goes on with the parts that are on disk. */
  static async open(deps: ContentRoomDeps): Promise<ContentRoom> {
    return new ContentRoom(deps, new Assemblies(await deps.folder.list(), deps.limits))
  }

  /**
   * Takes the content rows of an upload. Resolves when each is safe on disk, kept already, or refused for good (logged and
   * counted: the rows beside it are not held up). Rejects with `StoreUnavailable` where it may go well later.
   */
  async take(rows: readonly Readonly<Record<string, unknown>>[], from: Uploader): Promise<void> {
    const parts = rows.flatMap((row) => this.#read(row, from))
    const byContent = Map.groupBy(parts, ({ hash, size, partCount }) => `${hash}-${size}-${partCount}`)
    for (const group of byContent.values()) await this.#alone(async () => await this.#takeParts(group, from))
  }

  #read(row: Readonly<Record<string, unknown>>, from: Uploader): ContentPart[] {
    const read = parseContentRow(row)
    if (read.kind === 'parsed') return [read.value]
    this.#refuse(problemsText(read.problems), { resourceId: from.resourceId })
    return []
  }

  #refuse(reason: string, facts: object): void {
    this.counts.refused += 1
    this.#deps.log.warn({ ...facts, reason }, 'a content was refused')
  }

  async #takeParts(parts: readonly ContentPart[], from: Uploader): Promise<void> {
    const { references } = this.#deps
    const [first] = parts
    if (first === undefined) return
    const before = await references.find(from.workspaceId, first.hash)
    // A machine that says another size lies about one of both; what is kept was checked.
    if (before?.size === first.size) return await references.add(from.workspaceId, first, this.#deps.clock.nowMs())
    const frame = wholeFrame(parts)
    // Most contents are small: all of it is here, and needs no way over the disk.
    if (frame !== undefined && (await this.#finish(first, frame, from.workspaceId)) !== 'later') return
    await this.#toDisk(parts, first, from)
  }

  async #toDisk(parts: readonly ContentPart[], first: ContentPart, from: Uploader): Promise<void> {
    const { folder, clock } = this.#deps
    const { workspaceId, resourceId } = from
    const assembly = this.#assemblies.of({ workspaceId, owner: ownerName(workspaceId, resourceId) }, first)
    const inTheWay = this.#assemblies.roomFor(assembly, bytesOf(parts))
    if (inTheWay === undefined) throw new StoreUnavailable('too many contents wait for the content store')
    for (const other of inTheWay) await this.#drop(other, 'too many are open')
    await folder.add(assembly, parts, clock.nowMs())
    const grown = this.#assemblies.add(assembly, parts, clock.nowMs())
    if (isWhole(grown)) await this.#finishStored(grown)
  }

  /** What is on disk is safe: where the store is away, it is tried again later, and the sender need not wait. */
  async #finishStored(assembly: Assembly): Promise<void> {
    const frame = await this.#deps.folder.joined(assembly)
    if (frame === undefined) return await this.#drop(assembly, 'a part is gone')
    if ((await this.#finish(assembly, frame, assembly.workspaceId)) === 'later') return
    await this.#forget(assembly)
  }

  async #finish(
    facts: ContentReference,
    frame: Uint8Array,
    workspaceId: string,
  ): Promise<'kept' | 'refused' | 'later'> {
    const { store, references, log, clock } = this.#deps
    const { hash } = facts
    const fault = await faultOf(frame, facts)
    if (fault !== undefined) {
      this.#refuse(fault, { hash })
      return 'refused'
    }
    try {
      await store.put(hash, frame)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      log.error({ hash, error }, 'the content store took nothing; its content waits on disk')
      return 'later'
    }
    await references.add(workspaceId, facts, clock.nowMs())
    this.counts.kept += 1
    return 'kept'
  }

  async #drop(assembly: Assembly, reason: string): Promise<void> {
    const { hash, parts, partCount } = assembly
    this.counts.dropped += 1
    this.#deps.log.warn({ hash, parts: parts.size, partCount, reason }, 'the parts of a content were dropped')
    await this.#forget(assembly)
  }

  async #forget(assembly: Assembly): Promise<void> {
    this.#assemblies.remove(assembly)
    await this.#deps.folder.remove(assembly)
  }

  /** The frame of a content that the workspace may read; `undefined` for any other, whether it is kept or not. */
  async find(
    workspaceId: string,
    hash: string,
  ): Promise<{ readonly facts: ContentReference; readonly frame: AsyncIterable<Uint8Array> } | undefined> {
    const facts = await this.#deps.references.find(workspaceId, hash)
    const frame = facts && (await this.#deps.store.get(hash))
    return facts && frame && { facts, frame }
  }

  /** Finishes what waits for the store and drops what is too old; to be called every `TEND_MS`. */
  async tend(): Promise<void> {
    for (const assembly of this.#assemblies.tooOld(this.#deps.clock.nowMs()))
      await this.#alone(async () => await this.#drop(assembly, 'the other parts did not come'))
    for (const assembly of this.#assemblies.whole()) await this.#alone(async () => await this.#finishStored(assembly))
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    const running = this.#work.then(work)
    this.#work = running.catch(() => undefined)
    await running
  }

  /** Ends what is under way; parts stay on disk for the next start. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work
    await this.#deps.store[Symbol.asyncDispose]()
  }
}

/** Tends a room until the signal aborts. */
export async function keepTended(
  room: Pick<ContentRoom, 'tend'>,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(TEND_MS, signal).catch(() => undefined)
    if (!signal.aborted)
      await room.tend().catch((error: unknown) => log.error({ error }, 'contents could not be tended'))
  }
}

/** The frame, where every part of it is here. */
function wholeFrame(parts: readonly ContentPart[]): Buffer | undefined {
  const byNumber = new Map(parts.map((part) => [part.part, part]))
  const count = parts[0]?.partCount ?? 0
  if (byNumber.size !== count) return undefined
  return Buffer.concat(Array.from({ length: count }, (_, part) => byNumber.get(part)?.bytes ?? new Uint8Array()))
}

import type { ContentPart } from '@tidemark/model'

/** Contents of one machine that may be open at a time; one more, and the oldest of them is dropped. */
export const ASSEMBLIES_PER_MACHINE_MAX = 64
/** Contents of all machines that may be open at a time. */
export const ASSEMBLIES_MAX = 4_096
/** Bytes of parts of one machine: four of the largest contents. */
export const ASSEMBLY_BYTES_PER_MACHINE_MAX = 260 * 1024 * 1024
/** Bytes of parts of all machines. */
export const ASSEMBLY_BYTES_MAX = 4 * 1024 * 1024 * 1024
/** How long parts wait for the others, in milliseconds: longer than a machine's buffer lasts in any normal outage. */
export const ASSEMBLY_MS_MAX = 7 * 86_400_000

/** Parts that came, of a content that is not whole yet or that the store could not take yet. */
export interface Assembly {
  readonly workspaceId: string
  /** Whose it is: parts of two machines are never mixed. */
  readonly owner: string
  /** SHA-256, and bytes before compression. */
  readonly hash: string
  readonly size: number
  readonly partCount: number
  readonly shownBytesMax: number | undefined
  /** Numbers and bytes of the parts that are on disk. */
  readonly parts: ReadonlySet<number>
  readonly bytes: number
  /** When the last part came, in milliseconds since 1970. */
  readonly touchedMs: number
}

/** What of the limits a test may make smaller. */
export interface AssemblyLimits {
  readonly perMachineMax: number
  readonly countMax: number
  readonly bytesPerMachineMax: number
  readonly bytesMax: number
}

const limitsDefault: AssemblyLimits = {
  perMachineMax: ASSEMBLIES_PER_MACHINE_MAX,
  countMax: ASSEMBLIES_MAX,
  bytesPerMachineMax: ASSEMBLY_BYTES_PER_MACHINE_MAX,
  bytesMax: ASSEMBLY_BYTES_MAX,
}

/** Which contents are open. Keeps no bytes: these are on disk. */
export class Assemblies {
  readonly #limits: AssemblyLimits
  readonly #open = new Map<string, Assembly>()

  constructor(found: readonly Assembly[], limits: AssemblyLimits = limitsDefault) {
    this.#limits = limits
    for (const assembly of found) this.#open.set(keyOf(assembly), assembly)
  }

  get all(): readonly Assembly[] {
    return [...this.#open.values()]
  }

  /** The open content that a part belongs to; a new, empty one where there is none. */
  of(owner: { readonly workspaceId: string; readonly owner: string }, part: ContentPart): Assembly {
    const { hash, size, partCount, shownBytesMax } = part
    const fresh = { ...owner, hash, size, partCount, shownBytesMax, parts: new Set<number>(), bytes: 0, touchedMs: 0 }
    return this.#open.get(keyOf(fresh)) ?? fresh
  }

  /** Parts of an open content are on disk now. Gives the content as it is with them. */
  add(assembly: Assembly, parts: readonly ContentPart[], nowMs: number): Assembly {
    const news = new Map(parts.filter(({ part }) => !assembly.parts.has(part)).map((part) => [part.part, part]))
    const bytes = assembly.bytes + bytesOf([...news.values()])
    const grown = { ...assembly, parts: new Set([...assembly.parts, ...news.keys()]), bytes, touchedMs: nowMs }
    this.#open.set(keyOf(assembly), grown)
    return grown
  }

  remove(assembly: Assembly): void {
    this.#open.delete(keyOf(assembly))
  }

  /**
   * What has to be dropped, oldest first, so that parts of `assembly` fit; `undefined` where that does not help, for
   * whole contents wait for the store. Whoever takes too much loses its own: first the machine, then the one with most.
   */
  roomFor(assembly: Assembly, bytes: number): readonly Assembly[] | undefined {
    const others = this.all.filter((one) => keyOf(one) !== keyOf(assembly))
    const dropped: Assembly[] = []
    for (;;) {
      const left = others.filter((one) => !dropped.includes(one))
      const mine = left.filter(({ owner }) => owner === assembly.owner)
      const { perMachineMax, bytesPerMachineMax, countMax, bytesMax } = this.#limits
      const need = assembly.bytes + bytes
      const isMineFull = mine.length >= perMachineMax || totalOf(mine) + need > bytesPerMachineMax
      const isFull = left.length >= countMax || totalOf(left) + need > bytesMax
      if (!isMineFull && !isFull) return dropped
      const victim = oldestOpen(isMineFull ? mine : largestOwner(left))
      if (victim === undefined) return undefined
      dropped.push(victim)
    }
  }

  /** Open contents whose last part came too long ago. */
  tooOld(nowMs: number): readonly Assembly[] {
    return this.all.filter((one) => !isWhole(one) && nowMs - one.touchedMs > ASSEMBLY_MS_MAX)
  }

  /** Contents that are whole and wait for the store. */
  whole(): readonly Assembly[] {
    return this.all.filter(isWhole)
  }
}

/** Whether every part is there. */
export function isWhole({ parts, partCount }: Assembly): boolean {
  return parts.size === partCount
}

/** Bytes of some parts. */
export function bytesOf(parts: readonly ContentPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function keyOf({ owner, hash, size, partCount, shownBytesMax }: Assembly): string {
  return `${owner} ${hash} ${size} ${partCount} ${shownBytesMax ?? 'x'}`
}

function totalOf(assemblies: readonly Assembly[]): number {
  return assemblies.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** A whole content was acknowledged and waits for the store: it is never dropped. */
function oldestOpen(assemblies: readonly Assembly[]): Assembly | undefined {
  return assemblies.filter((one) => !isWhole(one)).sort((one, other) => one.touchedMs - other.touchedMs)[0]
}

function largestOwner(assemblies: readonly Assembly[]): readonly Assembly[] {
  const open = assemblies.filter((one) => !isWhole(one))
  const byOwner = [...Map.groupBy(open, ({ owner }) => owner).values()]
  return byOwner.sort((one, other) => other.length - one.length || totalOf(other) - totalOf(one))[0] ?? []
}

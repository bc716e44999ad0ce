import type { Mounts } from './mounts.ts'

/** Which types of file systems the paths of each entry are on. */
export class DeviceTypes {
  readonly #mounts: Mounts
  readonly #types: readonly Set<string>[]
  #last = { major: -1, minor: -1, type: '' as string | undefined }

  constructor(mounts: Mounts, entryCount: number) {
    this.#mounts = mounts
    this.#types = Array.from({ length: entryCount }, () => new Set<string>())
  }

  /** A path of these entries; its stamp says on which device it is. Nearly always it is the one before. */
  seen(stamp: Buffer, matches: readonly number[]): void {
    const [major, minor] = [stamp.readUInt32LE(96), stamp.readUInt32LE(100)]
    if (major !== this.#last.major || minor !== this.#last.minor)
      this.#last = { major, minor, type: this.#mounts.get(`${major}:${minor}`) }
    if (this.#last.type === undefined) return
    for (const match of matches) this.#types[match]?.add(this.#last.type)
  }

  of(entry: number): ReadonlySet<string> {
    return this.#types[entry] ?? new Set()
  }
}

import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'

import type { ContentPart } from '@tidemark/model'

import type { Assembly } from '../assemblies.ts'
import { isMissing, makeFolder, syncFolder, writeWhole } from './disk-files.ts'

/**
 * Parts on disk:
 *
 *     <folder>/<owner>/<hash>-<size>-<partCount>-<shownBytesMax or x>/0007.part
 *
 * An owner is a workspace and a hash of the machine: `<workspace>_<hash>`. A folder's time of change is when its last part came.
 */
export class AssemblyFolder {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async open(folder: string): Promise<AssemblyFolder> {
    await makeFolder(folder)
    return new AssemblyFolder(folder)
  }

  /** Whatever a start finds; what is no assembly is deleted. */
  async list(): Promise<Assembly[]> {
    const found: Assembly[] = []
    for (const owner of await readdir(this.#folder))
      for (const name of await readdir(join(this.#folder, owner))) {
        const assembly = await this.#read(owner, name)
        if (assembly) found.push(assembly)
        else await rm(join(this.#folder, owner, name), { recursive: true, force: true })
      }
    return found
  }

  async #read(owner: string, name: string): Promise<Assembly | undefined> {
    const workspaceId = owner.slice(0, Math.max(0, owner.lastIndexOf('_')))
    const [, hash, size, partCount, shown] = /^([0-9a-f]{64})-(\d{1,10})-(\d{1,4})-(\d{1,16}|x)$/.exec(name) ?? []
    if (hash === undefined) return undefined
    const folder = join(this.#folder, owner, name)
    const parts = new Set<number>()
    let bytes = 0
    for (const part of await readdir(folder)) {
      const number = /^(\d{4})\.part$/.exec(part)?.[1]
      if (number === undefined) await rm(join(folder, part), { force: true })
      else {
        parts.add(Number(number))
        bytes += (await stat(join(folder, part))).size
      }
    }
    const shownBytesMax = shown === 'x' ? undefined : Number(shown)
    const touchedMs = (await stat(folder)).mtimeMs
    const facts = { hash, size: Number(size), partCount: Number(partCount), shownBytesMax }
    return { workspaceId, owner, ...facts, parts, bytes, touchedMs }
  }

  /** Brings parts of one content to stable storage; one that is there is written over. */
  async add(assembly: Assembly, parts: readonly ContentPart[], nowMs: number): Promise<void> {
    const folder = this.#path(assembly)
    await makeFolder(folder)
    await Promise.all(parts.map(async ({ part, bytes }) => await writeWhole(partPath(folder, part), bytes)))
    await syncFolder(folder)
    await utimes(folder, nowMs / 1_000, nowMs / 1_000)
  }

  /** The parts of a whole assembly, joined; `undefined` where one is gone. */
  async joined(assembly: Assembly): Promise<Buffer | undefined> {
    const folder = this.#path(assembly)
    try {
      const numbers = Array.from({ length: assembly.partCount }, (_, part) => part)
      return Buffer.concat(await Promise.all(numbers.map(async (part) => await readFile(partPath(folder, part)))))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async remove(assembly: Assembly): Promise<void> {
    await rm(this.#path(assembly), { recursive: true, force: true })
  }

  #path({ owner, hash, size, partCount, shownBytesMax }: Assembly): string {
    return join(this.#folder, owner, `${hash}-${size}-${partCount}-${shownBytesMax ?? 'x'}`)
  }
}

function partPath(folder: string, part: number): string {
  return join(folder, `${String(part).padStart(4, '0')}.part`)
}

/** The folder's name of a machine in a workspace. */
export function ownerName(workspaceId: string, resourceId: string): string {
  return `${workspaceId}_${createHash('sha256').update(resourceId.toLowerCase()).digest('hex').slice(0, 32)}`
}

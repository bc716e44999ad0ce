import { join } from 'node:path'

import { problemsText } from '@tidemark/base'
import { type ConfigChunk, configChunk, isImmutableId, problemOf } from '@tidemark/model'
import type { Logger } from 'pino'
import { z } from 'zod'

import { namesEndingIn, readTextIfThere, removeFile, replaceFile } from '../host/files.ts'

/** A rule as it is in force. */
export interface RuleInForce {
  /** The rule's immutable id. */
  readonly id: string
  readonly eTag: string
  readonly chunk: ConfigChunk
}

const IDENTITY = 'machine.json'
const identityShape = z.object({
  sourceComputerId: z.string(),
  resourceId: z.string(),
  eTags: z.record(z.string(), z.string()),
})

/**
 * The config chunks on disk: `<immutable id>.json` for each rule, and `machine.json` with the machine for which they were
 * fetched. Chunks of another machine (a cloned disk) are discarded.
 */
export class ChunkStore {
  readonly #folder: string
  readonly #owner: { readonly sourceComputerId: string; readonly resourceId: string }
  readonly #log: Logger

  constructor(folder: string, owner: { readonly sourceComputerId: string; readonly resourceId: string }, log: Logger) {
    this.#folder = folder
    this.#owner = owner
    this.#log = log
  }

  /** The rules of the last start that are whole and meant for this machine. */
  load(): RuleInForce[] {
    const identity = parseIdentity(readTextIfThere(join(this.#folder, IDENTITY)))
    const names = this.#chunkNames()
    const isOurs =
      identity?.sourceComputerId === this.#owner.sourceComputerId && identity.resourceId === this.#owner.resourceId
    if (!isOurs) {
      if (names.length > 0)
        this.#log.warn({ count: names.length }, 'the config chunks are those of another machine: discarded')
      for (const name of names) removeFile(this.#folder, name)
      return []
    }
    return names.flatMap((name) => {
      const id = name.slice(0, -'.json'.length)
      const parsed = parseChunk(readTextIfThere(join(this.#folder, name)) ?? '')
      if (typeof parsed !== 'string') return [{ id, eTag: identity.eTags[id] ?? '', chunk: parsed }]
      this.#log.error({ chunk: name, reason: parsed }, 'a config chunk is damaged; it is fetched anew')
      return []
    })
  }

  /** Writes the rules in force, and removes the files of those that are not. */
  save(rules: readonly RuleInForce[]): void {
    for (const { id, chunk } of rules)
      replaceFile(join(this.#folder, `${id}.json`), `${JSON.stringify(chunk, undefined, 2)}\n`)
    const eTags = Object.fromEntries(rules.map(({ id, eTag }) => [id, eTag]))
    replaceFile(join(this.#folder, IDENTITY), `${JSON.stringify({ ...this.#owner, eTags }, undefined, 2)}\n`)
    const kept = new Set(rules.map(({ id }) => `${id}.json`))
    for (const name of this.#chunkNames()) if (!kept.has(name)) removeFile(this.#folder, name)
  }

  #chunkNames(): string[] {
    return namesEndingIn(this.#folder, '.json').filter((name) => isImmutableId(name.slice(0, -'.json'.length)))
  }
}

/** The chunk in a text or a document, or what is wrong with it. */
export function parseChunk(content: unknown): ConfigChunk | string {
  try {
    const read = configChunk.safeParse(typeof content === 'string' ? JSON.parse(content) : content)
    return read.success ? read.data : problemsText(read.error.issues.map(problemOf))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function parseIdentity(text: string | undefined): z.infer<typeof identityShape> | undefined {
  try {
    return text === undefined ? undefined : identityShape.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

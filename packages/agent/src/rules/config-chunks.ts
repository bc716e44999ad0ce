import { join } from 'node:path'

import { problemsText } from '@tidemark/base'
import {
  type Channel,
  channel,
  type ConfigChunk,
  configChunk,
  isImmutableId,
  parseJsonText,
  problemOf,
} from '@tidemark/model'
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

/** A destination of a stream: rows that wait for it go there, also after its rule is gone. */
export interface Destination {
  /** The stream's id. */
  readonly stream: string
  readonly channel: Channel
}

const IDENTITY = 'machine.json'
const identityShape = z.object({
  sourceComputerId: z.string(),
  resourceId: z.string(),
  eTags: z.record(z.string(), z.string()),
  destinations: z.array(z.object({ stream: z.string(), channel })).default([]),
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

  /** The rules of the last start that are whole and meant for this machine, and all destinations of that time. */
  load(): { readonly rules: RuleInForce[]; readonly destinations: readonly Destination[] } {
    const identity = parseIdentity(readTextIfThere(join(this.#folder, IDENTITY)))
    const names = this.#chunkNames()
    const isOurs =
      identity?.sourceComputerId === this.#owner.sourceComputerId && identity.resourceId === this.#owner.resourceId
    if (!isOurs) {
      if (names.length > 0)
        this.#log.warn({ count: names.length }, 'the config chunks are those of another machine: discarded')
      for (const name of names) removeFile(this.#folder, name)
      return { rules: [], destinations: [] }
    }
    const rules = names.flatMap((name) => {
      const id = name.slice(0, -'.json'.length)
      const parsed = parseChunk(readTextIfThere(join(this.#folder, name)) ?? '')
      if (typeof parsed !== 'string') return [{ id, eTag: identity.eTags[id] ?? '', chunk: parsed }]
      this.#log.error({ chunk: name, reason: parsed }, 'a config chunk is damaged; it is fetched anew')
      return []
    })
    return { rules, destinations: identity.destinations }
  }

  /** Writes what is in force where it differs, and removes the files of rules that are not. Throws where the disk says no. */
  save(rules: readonly RuleInForce[], destinations: readonly Destination[]): void {
    for (const { id, chunk } of rules) this.#write(`${id}.json`, chunk)
    const eTags = Object.fromEntries(rules.map(({ id, eTag }) => [id, eTag]))
    this.#write(IDENTITY, { ...this.#owner, eTags, destinations })
    const kept = new Set(rules.map(({ id }) => `${id}.json`))
    for (const name of this.#chunkNames()) if (!kept.has(name)) removeFile(this.#folder, name)
  }

  #write(name: string, document: unknown): void {
    const path = join(this.#folder, name)
    const text = `${JSON.stringify(document, undefined, 2)}\n`
    if (readTextIfThere(path) !== text) replaceFile(path, text)
  }

  #chunkNames(): string[] {
    return namesEndingIn(this.#folder, '.json').filter((name) => isImmutableId(name.slice(0, -'.json'.length)))
  }
}

/** The chunk in a text or a document, or what is wrong with it. */
export function parseChunk(content: unknown): ConfigChunk | string {
  const document = typeof content === 'string' ? parseJsonText(content) : { kind: 'parsed' as const, value: content }
  if (document.kind === 'rejected') return problemsText(document.problems)
  const read = configChunk.safeParse(document.value)
  return read.success ? read.data : problemsText(read.error.issues.map(problemOf))
}

function parseIdentity(text: string | undefined): z.infer<typeof identityShape> | undefined {
  try {
    return text === undefined ? undefined : identityShape.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

import { z } from 'zod'

import type { Item } from '../collector.ts'

const columns = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

/** What the database holds of one item beside the fields of the described system. */
const storedItem = z.looseObject({
  Tidemark: z.object({
    columns,
    coveredBy: z.array(z.string()),
    facts: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
})

/**
 * The value of an item: the fields that the described system writes, so that its readers find what they know, and ours
 * under `Tidemark`. Packages and daemons have no described fields; their columns stand in their place.
 */
export function encodeItem(item: Item, described: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...described, Tidemark: item })
}

/** The way back; `undefined` for a value that another program wrote. */
export function decodeItem(bytes: Uint8Array): Item | undefined {
  try {
    const read = storedItem.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    if (!read.success) return undefined
    const { columns: cells, coveredBy, facts } = read.data.Tidemark
    return { columns: cells, coveredBy, ...(facts === undefined ? {} : { facts }) }
  } catch {
    return undefined
  }
}

const outboxEntry = z.object({
  stream: z.string(),
  chunk: z.string(),
  rows: z.array(columns),
})

/** Rows on their way to the agent under one chunk id; written once and sent as they are. */
export type OutboxEntry = z.infer<typeof outboxEntry>

export function encodeOutboxEntry(entry: OutboxEntry): string {
  return JSON.stringify(entry)
}

/** The way back; `undefined` for bytes that are no entry. */
export function decodeOutboxEntry(bytes: Uint8Array): OutboxEntry | undefined {
  try {
    return outboxEntry.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** What is remembered of one type between two looks. */
export const typeMemory = z.object({
  /** Fingerprints in force at the last complete look; absent before the first one. */
  coverage: z.array(z.string()).optional(),
  /** Hash over the whole map, as the described flow compares it. */
  hash: z.string().default(''),
  lastInventoryMs: z.number().default(0),
  isInventoryDue: z.boolean().default(true),
  /** Gaps that were told, so that each is told once; by `reason subject`. */
  gaps: z.array(z.string()).default([]),
  /** Keys that could not be seen at the last complete look: what turns up there is a baseline, not `Added`. */
  hidden: z.array(z.string()).default([]),
  /** Of files: what the last whole scan tracked, `TrackedSet`; absent before the first one. */
  tracked: z.unknown().optional(),
  /** Of files: what scans tracked that began since then and kept something, but did not end. */
  begun: z.array(z.unknown()).optional(),
  /** Of files: the hash of the owners' names at the last whole scan. */
  ownersHash: z.string().optional(),
  /** Of files: which part of the contents is read again by the next scan, and since when the round runs. */
  readAgain: z.object({ nextPart: z.number(), parts: z.number() }).optional(),
  /** Of files: the path behind which inventory goes on to be sent; absent when all of it was sent. */
  inventoryBehind: z.string().optional(),
  /** Of files: when the inventory began that is being sent, in milliseconds since 1970: all its rows have this time. */
  inventoryAtMs: z.number().optional(),
  /** Of files: rows of the last inventory, or those that were sent of the present one. */
  inventoryRows: z.number().optional(),
})
export type TypeMemory = z.infer<typeof typeMemory>

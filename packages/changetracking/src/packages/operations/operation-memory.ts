import { z } from 'zod'

import { logCursor } from './log-pieces.ts'

/** Names of told operations that are remembered of each source. */
export const TOLD_MAX = 200

const sourceMemory = z.object({
  /** Absent where there was no log yet. */
  cursor: logCursor.optional(),
  /** Names of the operations that were told last, or were there before anything was told; newest last. */
  told: z.array(z.string()).default([]),
  /** When the newest of them began, in milliseconds since 1970. */
  newestMs: z.number().default(0),
})
/** What is remembered of one log. */
export type SourceMemory = z.infer<typeof sourceMemory>

const operationMemory = z.record(z.string(), sourceMemory)
/** What is remembered of all logs, by source; a source that is not in it begins with a baseline. */
export type OperationMemory = z.infer<typeof operationMemory>

/** What the state holds; text that is none counts as nothing, and a baseline begins. */
export function parseOperationMemory(text: string | undefined): OperationMemory {
  if (text === undefined) return {}
  try {
    return operationMemory.safeParse(JSON.parse(text)).data ?? {}
  } catch {
    return {}
  }
}

/** With one more operation told. */
export function withTold(memory: SourceMemory, id: string, startMs: number | undefined): SourceMemory {
  return {
    ...memory,
    told: [...memory.told.filter((each) => each !== id), id].slice(-TOLD_MAX),
    newestMs: Math.max(memory.newestMs, startMs ?? 0),
  }
}

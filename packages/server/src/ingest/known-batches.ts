import { createHash } from 'node:crypto'

import type { TableName } from '@tidemark/model'

/** Batches of one sender and table that are remembered: many times what one has under way at a time. */
export const BATCHES_MAX = 256
/** Of heartbeats, which one stream of each machine sends. */
export const HEARTBEATS_MAX = 16

/** How many batches of one sender are remembered of a table. */
export function batchesMax(table: TableName): number {
  return table === 'Heartbeat' ? HEARTBEATS_MAX : BATCHES_MAX
}

/** Stands for every month of a batch. */
const WHOLE = 0

// 52 bits: exact as a number in JSON, in ClickHouse and here.
const MODULUS = 2 ** 52
const MONTH_FACTOR = 2_654_435_761

/** A number for a text that two texts share once in 2^52. */
export function textNumber(text: string): number {
  return Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 13), 16)
}

/**
 * Which batches are stored, month by month: a month's rows are one part of a table, which is stored as a whole or not at
 * all. A window for each sender and table, so that no sender makes the server forget another one's batches.
 */
export class KnownBatches {
  readonly #windows = new Map<string, number[]>()

  /** A month is `202611`. */
  add(of: SenderBatch, month: number): void {
    const key = `${of.table}|${of.sender}`
    const window = this.#windows.get(key)
    const known = entry(of.batch, month)
    if (window === undefined) this.#windows.set(key, [known])
    else if (!window.includes(known)) {
      window.push(known)
      if (window.length > batchesMax(of.table)) window.shift()
    }
  }

  /** Every month of it is stored. */
  addWhole(of: SenderBatch): void {
    this.add(of, WHOLE)
  }

  has(of: SenderBatch, month: number): boolean {
    return this.#windows.get(`${of.table}|${of.sender}`)?.includes(entry(of.batch, month)) === true
  }

  hasWhole(of: SenderBatch): boolean {
    return this.has(of, WHOLE)
  }
}

/** Batch and sender as numbers (`textNumber`). */
export interface SenderBatch {
  readonly table: TableName
  readonly sender: number
  readonly batch: number
}

function entry(batch: number, month: number): number {
  return (batch + month * MONTH_FACTOR) % MODULUS
}

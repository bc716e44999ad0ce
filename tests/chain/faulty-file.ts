import type { BoltFile } from '@tidemark/bolt'

import type { Life } from './life.ts'

type Pending =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly sizeBytes: number }

/** A database's file in memory, on a disk that fails, and forgets what was not synced when the power is cut. */
export class FaultyFile implements BoltFile {
  readonly #chance: () => number
  #life: Life
  /** What the running system sees. */
  #data: Buffer
  /** What is on stable storage. */
  #durable: Buffer
  /** What was done since the last sync, in order. */
  #pending: Pending[] = []

  constructor(chance: () => number, life: Life, bytes: Buffer = Buffer.alloc(0)) {
    this.#chance = chance
    this.#life = life
    this.#data = bytes
    this.#durable = Buffer.from(bytes)
  }

  /** The next process has it, with all that the last one wrote. */
  lives(life: Life): this {
    this.#life = life
    return this
  }

  read(into: Uint8Array, offset: number): number {
    this.#life.assertAlive()
    const found = this.#data.subarray(offset, Math.max(offset, Math.min(offset + into.length, this.#data.length)))
    into.set(found)
    return found.length
  }

  write(bytes: Uint8Array, offset: number): void {
    this.#life.step(() => this.#put(bytes.subarray(0, Math.floor(this.#chance() * (bytes.length + 1))), offset))
    this.#put(bytes, offset)
  }

  #put(bytes: Uint8Array, offset: number): void {
    const step: Pending = { kind: 'write', offset, bytes: Uint8Array.from(bytes) }
    this.#pending.push(step)
    this.#data = after(this.#data, step)
  }

  sync(): void {
    this.#life.step()
    for (const step of this.#pending) this.#durable = after(this.#durable, step)
    this.#pending = []
  }

  truncate(sizeBytes: number): void {
    this.#life.step()
    const step: Pending = { kind: 'truncate', sizeBytes }
    this.#pending.push(step)
    this.#data = after(this.#data, step)
  }

  size(): number {
    this.#life.assertAlive()
    return this.#data.length
  }

  close(): void {}

  /** The file as it is found after a power cut: what was synced, and of the rest any part, each torn anywhere. */
  afterPowerCut(life: Life): FaultyFile {
    let found: Buffer = Buffer.from(this.#durable)
    for (const step of this.#pending) {
      const chance = this.#chance()
      if (chance < 0.4) continue
      if (step.kind === 'truncate' || chance < 0.7) found = after(found, step)
      else {
        const [from, to] = [this.#chance(), this.#chance()].sort().map((part) => Math.floor(part * step.bytes.length))
        found = after(found, { ...step, offset: step.offset + (from ?? 0), bytes: step.bytes.subarray(from, to) })
      }
    }
    return new FaultyFile(this.#chance, life, found)
  }
}

function after(data: Buffer, step: Pending): Buffer {
  if (step.kind === 'truncate')
    return Buffer.concat([data.subarray(0, step.sizeBytes), Buffer.alloc(Math.max(0, step.sizeBytes - data.length))])
  const end = step.offset + step.bytes.length
  const grown = end > data.length ? Buffer.concat([data, Buffer.alloc(end - data.length)]) : data
  grown.set(step.bytes, step.offset)
  return grown
}

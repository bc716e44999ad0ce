import { Buffer } from 'node:buffer'

import { invariant } from '@tidemark/base'

import { alignmentOf, type BasicCode, type BusType, parseSignature, SIZES } from './signature.ts'
import { BusVariant, type BusValue, listOf, textOf } from './value.ts'

/** Writes values in the byte order of x86 and ARM (little endian); the other side turns them where it must. */
export class BusWriter {
  #bytes = Buffer.alloc(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was written, valid until more is. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  align(to: number): void {
    const rest = this.#length % to
    if (rest === 0) return
    const at = this.#take(to - rest)
    this.#bytes.fill(0, at, this.#length)
  }

  /** Writes values of the types that a signature names. */
  writeAll(signature: string, values: readonly BusValue[]): void {
    const types = parseSignature(signature)
    invariant(types.length === values.length, 'a signature has as many types as there are values')
    for (const [index, type] of types.entries()) this.write(type, values[index] ?? 0)
  }

  write(type: BusType, value: BusValue): void {
    this.align(alignmentOf(type))
    if (type.kind === 'basic') return this.#writeBasic(type.code, value)
    if (type.kind === 'array') return this.#writeArray(type.of, listOf(value))
    if (type.kind === 'variant') {
      invariant(value instanceof BusVariant, 'a variant is written from a variant')
      this.#writeText('g', value.signature)
      return this.writeAll(value.signature, [value.value])
    }
    const fields = type.kind === 'struct' ? type.fields : [type.key, type.value]
    const values = listOf(value)
    for (const [index, field] of fields.entries()) this.write(field, values[index] ?? 0)
  }

  #writeArray(of: BusType, values: readonly BusValue[]): void {
    const lengthAt = this.#take(4)
    // The padding before the first element does not count, and is there also where there is no element.
    this.align(alignmentOf(of))
    const from = this.#length
    for (const each of values) this.write(of, each)
    this.#bytes.writeUInt32LE(this.#length - from, lengthAt)
  }

  #writeBasic(code: BasicCode, value: BusValue): void {
    if (code === 's' || code === 'o' || code === 'g') return this.#writeText(code, textOf(value))
    // Room is made first: it may move the bytes.
    const at = this.#take(SIZES[code])
    const bytes = this.#bytes
    if (code === 'b') bytes.writeUInt32LE(value === true ? 1 : 0, at)
    else if (code === 'x') bytes.writeBigInt64LE(wide(value), at)
    else if (code === 't') bytes.writeBigUInt64LE(wide(value), at)
    else if (code === 'y') bytes.writeUInt8(Number(value), at)
    else if (code === 'n') bytes.writeInt16LE(Number(value), at)
    else if (code === 'q') bytes.writeUInt16LE(Number(value), at)
    else if (code === 'i') bytes.writeInt32LE(Number(value), at)
    else if (code === 'd') bytes.writeDoubleLE(Number(value), at)
    else bytes.writeUInt32LE(Number(value), at)
  }

  #writeText(code: 's' | 'o' | 'g', text: string): void {
    const length = Buffer.byteLength(text)
    const lengthAt = this.#take(code === 'g' ? 1 : 4)
    const at = this.#take(length + 1)
    if (code === 'g') this.#bytes.writeUInt8(length, lengthAt)
    else this.#bytes.writeUInt32LE(length, lengthAt)
    this.#bytes.write(text, at)
    this.#bytes[at + length] = 0
  }

  /** Makes room for so many bytes and gives their place. */
  #take(count: number): number {
    const at = this.#length
    if (at + count > this.#bytes.length) {
      const larger = Buffer.alloc(2 * (at + count))
      this.#bytes.copy(larger)
      this.#bytes = larger
    }
    this.#length = at + count
    return at
  }
}

function wide(value: BusValue): bigint {
  return typeof value === 'bigint' ? value : BigInt(Number(value))
}

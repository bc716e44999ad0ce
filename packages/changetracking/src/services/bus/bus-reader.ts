import type { Buffer } from 'node:buffer'

import { ChangeTrackingError } from '../../change-tracking-error.ts'
import { alignmentOf, type BasicCode, type BusType, DEPTH_MAX, parseSignature, SIZES } from './signature.ts'
import { BusVariant, type BusValue } from './value.ts'

/** Bytes of one array at most (by the specification: 64 MiB). */
export const ARRAY_BYTES_MAX = 64 * 1024 * 1024

/** Reads values in either byte order, and passes over what nobody wants. Throws `bus-failed` with the position. */
export class BusReader {
  readonly #bytes: Buffer
  readonly #isBig: boolean
  #at: number
  #depth = 0

  constructor(bytes: Buffer, { at, isBig }: { readonly at: number; readonly isBig: boolean }) {
    this.#bytes = bytes
    this.#at = at
    this.#isBig = isBig
  }

  get at(): number {
    return this.#at
  }

  align(to: number): void {
    const rest = this.#at % to
    if (rest > 0) this.#take(to - rest)
  }

  /** Reads values of the types that a signature names. */
  readAll(signature: string): BusValue[] {
    return parseSignature(signature).map((type) => this.read(type))
  }

  read(type: BusType): BusValue {
    this.align(alignmentOf(type))
    switch (type.kind) {
      case 'basic':
        return this.#readBasic(type.code)
      case 'array':
        return this.#deeper(() => this.#readArray(type.of))
      case 'struct':
        return this.#deeper(() => type.fields.map((field) => this.read(field)))
      case 'entry':
        return this.#deeper(() => [this.read(type.key), this.read(type.value)])
      case 'variant':
        return this.#deeper(() => {
          const signature = this.#readText('g')
          return new BusVariant(signature, this.read(single(signature)))
        })
    }
  }

  /** Passes over a value; arrays without looking into them. */
  skip(type: BusType): void {
    this.align(alignmentOf(type))
    if (type.kind === 'array') this.#take(this.#arrayLength(type.of))
    else if (type.kind === 'variant') this.#deeper(() => this.skip(single(this.#readText('g'))))
    else if (type.kind === 'basic' && 'sog'.includes(type.code)) this.#take(this.#textLength(type.code) + 1)
    else if (type.kind === 'basic') this.#take(SIZES[type.code])
    else
      this.#deeper(() => {
        for (const field of type.kind === 'struct' ? type.fields : [type.key, type.value]) this.skip(field)
      })
  }

  /** Reads a dictionary of variants (`a{sv}`), but of its values only those with these names, without their types. */
  readProperties(wanted: ReadonlySet<string>): ReadonlyMap<string, BusValue> {
    const found = new Map<string, BusValue>()
    const end = this.#arrayLength(ENTRY) + this.#at
    while (this.#at < end) {
      this.align(8)
      const name = this.#readText('s')
      const type = single(this.#readText('g'))
      if (wanted.has(name)) found.set(name, this.read(type))
      else this.skip(type)
    }
    return found
  }

  #readArray(of: BusType): BusValue[] {
    const end = this.#arrayLength(of) + this.#at
    const values: BusValue[] = []
    while (this.#at < end) values.push(this.read(of))
    if (this.#at !== end) throw this.#wrong('an array ends within an element')
    return values
  }

  /** The bytes of an array's elements; it stands at the first one afterwards. */
  #arrayLength(of: BusType): number {
    this.align(4)
    const length = this.#number('u')
    if (length > ARRAY_BYTES_MAX) throw this.#wrong(`an array has ${length} bytes, more than ${ARRAY_BYTES_MAX}`)
    this.align(alignmentOf(of))
    if (this.#at + length > this.#bytes.length) throw this.#wrong('an array is longer than the message')
    return length
  }

  #readBasic(code: BasicCode): BusValue {
    if (code === 's' || code === 'o' || code === 'g') return this.#readText(code)
    if (code === 'x' || code === 't') {
      const at = this.#take(8)
      if (code === 'x') return this.#isBig ? this.#bytes.readBigInt64BE(at) : this.#bytes.readBigInt64LE(at)
      return this.#isBig ? this.#bytes.readBigUInt64BE(at) : this.#bytes.readBigUInt64LE(at)
    }
    return code === 'b' ? this.#number('u') !== 0 : this.#number(code)
  }

  #number(code: 'y' | 'n' | 'q' | 'i' | 'u' | 'd' | 'h'): number {
    const at = this.#take(SIZES[code])
    const bytes = this.#bytes
    if (code === 'y') return bytes.readUInt8(at)
    if (code === 'n') return this.#isBig ? bytes.readInt16BE(at) : bytes.readInt16LE(at)
    if (code === 'q') return this.#isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at)
    if (code === 'i') return this.#isBig ? bytes.readInt32BE(at) : bytes.readInt32LE(at)
    if (code === 'd') return this.#isBig ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at)
    return this.#isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
  }

  #textLength(code: BasicCode): number {
    if (code === 'g') return this.#number('y')
    this.align(4)
    return this.#number('u')
  }

  #readText(code: 's' | 'o' | 'g'): string {
    const length = this.#textLength(code)
    const at = this.#take(length + 1)
    return this.#bytes.toString('utf8', at, at + length)
  }

  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#bytes.length) throw this.#wrong('a value is longer than the message')
    this.#at = at + count
    return at
  }

  #deeper<T>(action: () => T): T {
    this.#depth += 1
    if (this.#depth > DEPTH_MAX) throw this.#wrong('values lie too deep in each other')
    const value = action()
    this.#depth -= 1
    return value
  }

  #wrong(what: string): ChangeTrackingError {
    return new ChangeTrackingError('bus-failed', `a message cannot be read: ${what} at byte ${this.#at}`)
  }
}

const ENTRY: BusType = {
  kind: 'entry',
  key: { kind: 'basic', code: 's' },
  value: { kind: 'variant' },
}

/** The one type of a variant. */
function single(signature: string): BusType {
  const [type, more] = parseSignature(signature)
  if (type === undefined || more !== undefined)
    throw new ChangeTrackingError('bus-failed', `a variant has the signature ${JSON.stringify(signature)}`)
  return type
}

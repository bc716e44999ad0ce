import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack'

import type { ForwardTime } from './message.ts'

/** EventTime: extension type 0 with u32 seconds and u32 nanoseconds, big endian (Forward specification v1). */
export class EventTime implements ForwardTime {
  readonly seconds: number
  readonly nanoseconds: number

  constructor(time: ForwardTime) {
    this.seconds = time.seconds
    this.nanoseconds = time.nanoseconds
  }
}

const EVENT_TIME_TYPE = 0

const extensions = new ExtensionCodec()
extensions.register({
  type: EVENT_TIME_TYPE,
  encode: (value: unknown) => (value instanceof EventTime ? eventTimeBytes(value) : null),
  decode: (bytes) => eventTimeOf(bytes),
})

function eventTimeBytes(time: EventTime): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, time.seconds)
  view.setUint32(4, time.nanoseconds)
  return bytes
}

function eventTimeOf(bytes: Uint8Array): EventTime {
  if (bytes.length !== 8) throw new RangeError(`an EventTime has 8 bytes, not ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return new EventTime({ seconds: view.getUint32(0), nanoseconds: view.getUint32(4) })
}

/** Writes one msgpack value. Whole numbers beyond 2^53 come as bigint. */
export function encodeValue(value: unknown): Uint8Array {
  return new Encoder({
    extensionCodec: extensions,
    useBigInt64: true,
    forceIntegerToFloat: false,
    ignoreUndefined: true,
  }).encode(narrowed(value))
}

/** Reads one msgpack value that fills `bytes`; throws what the library throws. 64-bit numbers come as bigint. */
export function decodeValue(bytes: Uint8Array): unknown {
  return newDecoder(bytes.length).decode(bytes)
}

/** Reads msgpack values one after the other; throws at the first that is broken. */
export function* decodeValues(bytes: Uint8Array): Generator<unknown, void> {
  yield* newDecoder(bytes.length).decodeMulti(bytes)
}

function newDecoder(bytesMax: number): Decoder {
  return new Decoder({
    extensionCodec: extensions,
    useBigInt64: true,
    maxStrLength: bytesMax,
    maxBinLength: bytesMax,
    maxArrayLength: bytesMax,
    maxMapLength: bytesMax,
    maxExtLength: bytesMax,
  })
}

/** With `useBigInt64` the library writes only bigints as 64-bit integers; large whole numbers must become bigints. */
function narrowed(value: unknown): unknown {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && Math.abs(value) > 0x7fff_ffff ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(narrowed)
  if (value instanceof EventTime || value instanceof Uint8Array || typeof value !== 'object' || value === null)
    return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, narrowed(inner)]))
}

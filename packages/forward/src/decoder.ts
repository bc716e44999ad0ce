import { gunzipSync } from 'node:zlib'

import { decodeValue, decodeValues, EventTime } from './codec.ts'
import { FrameScanner } from './frame-scanner.ts'
import { type ForwardLimits, forwardLimits } from './limits.ts'
import type { ForwardEntry, ForwardEvent, ForwardMessage, ForwardTime } from './message.ts'

/**
 * Bytes in, events out, however the bytes are cut. Never throws. After `malformed` it takes nothing more: every later
 * `push` gives nothing. Keeps at most `frameBytesMax` bytes.
 */
export class ForwardDecoder {
  readonly #limits: ForwardLimits
  #scanner: FrameScanner
  #pieces: Uint8Array[] = []
  #piecesBytes = 0
  /** Position in the whole stream of the frame that is being collected. */
  #frameOffset = 0
  #isBroken = false

  constructor(limits: ForwardLimits = forwardLimits) {
    this.#limits = limits
    this.#scanner = new FrameScanner(limits)
  }

  /** Bytes of the frame that has begun and not ended; 0 between frames. */
  get begunBytes(): number {
    return this.#piecesBytes
  }

  /** Where that frame began, in bytes from the start of the connection. */
  get frameOffset(): number {
    return this.#frameOffset
  }

  push(bytes: Uint8Array): ForwardEvent[] {
    const events: ForwardEvent[] = []
    for (let from = 0; from < bytes.length && !this.#isBroken;) {
      const end = this.#scanner.scan(bytes, from)
      if (typeof end === 'object') events.push(this.#broken(this.#piecesBytes + end.at - from, end.malformed))
      else {
        const piece = bytes.subarray(from, end)
        events.push(...this.#take(piece, end !== undefined))
        from += piece.length
      }
    }
    return events
  }

  #take(piece: Uint8Array, isLast: boolean): ForwardEvent[] {
    this.#piecesBytes += piece.length
    if (this.#piecesBytes > this.#limits.frameBytesMax)
      return [this.#broken(0, `the frame is larger than ${this.#limits.frameBytesMax} bytes`)]
    // What is kept beyond this call must be a copy: node reuses the buffers that it hands out.
    this.#pieces.push(isLast ? piece : Uint8Array.from(piece))
    if (!isLast) return []
    const frame = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#piecesBytes = 0
    const event = this.#eventOf(frame)
    this.#frameOffset += frame.length
    return [event]
  }

  #eventOf(frame: Uint8Array): ForwardEvent {
    try {
      const event = eventOfValue(decodeValue(frame), this.#limits)
      if (typeof event === 'string') return this.#broken(0, event)
      return event.kind === 'message' ? { ...event, bytes: frame.length } : event
    } catch (error) {
      return this.#broken(0, error instanceof Error ? error.message : String(error))
    }
  }

  #broken(within: number, reason: string): ForwardEvent {
    this.#isBroken = true
    this.#pieces = []
    this.#piecesBytes = 0
    return { kind: 'malformed', offset: this.#frameOffset + within, reason }
  }
}

/** What a top-level value means; text says why it means nothing. */
function eventOfValue(value: unknown, limits: ForwardLimits): ForwardEvent | string {
  if (value === null) return { kind: 'heartbeat' }
  if (typeof value === 'string') return { kind: 'request', text: value }
  if (value instanceof Uint8Array) return { kind: 'request', text: Buffer.from(value).toString('utf8') }
  if (!Array.isArray(value)) return 'neither an array (data), a string (a request), nor nil (a heartbeat)'
  const message = messageOf(value, limits)
  return typeof message === 'string' ? message : { kind: 'message', message, bytes: 0 }
}

function messageOf(frame: readonly unknown[], limits: ForwardLimits): ForwardMessage | string {
  if (frame.length < 2) return `an array of ${frame.length}; a frame has a tag and entries`
  const tag = textOf(frame[0])
  if (tag === undefined) return 'the tag is no string'
  const payload = frame[1]
  const isPacked = typeof payload === 'string' || payload instanceof Uint8Array
  const hasEntries = isPacked || Array.isArray(payload)
  const isEventTimeWithMetadata = Array.isArray(payload) && timeOf(payload) !== undefined && isRecord(frame[2])
  const isForward = hasEntries && !isEventTimeWithMetadata
  const option = isForward ? frame[2] : frame[3]
  if (option !== undefined && option !== null && !isRecord(option)) return 'the option is no map'
  const entries = isForward ? entriesOf(payload, option ?? {}, limits) : entryList([[payload, frame[2]]], limits)
  if (typeof entries === 'string') return entries
  const chunk = textOf(option?.['chunk'])
  return { tag, entries, ...(chunk === undefined ? {} : { chunk }) }
}

function entriesOf(
  payload: unknown,
  option: Readonly<Record<string, unknown>>,
  limits: ForwardLimits,
): ForwardEntry[] | string {
  if (Array.isArray(payload)) return entryList(payload, limits)
  const packed = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload
  if (!(packed instanceof Uint8Array)) return 'the entries are neither an array nor bytes'
  const compressed = textOf(option['compressed'])
  if (compressed !== undefined && compressed !== 'text' && compressed !== 'gzip')
    return `compression "${compressed}" is not known; gzip is`
  const bytes = compressed === 'gzip' ? gunzipSync(packed, { maxOutputLength: limits.unpackedBytesMax }) : packed
  return packedProblem(bytes, limits) ?? entryList(decodeValues(bytes), limits)
}

/** Packed entries keep the limits of a frame, too: looked at before anything is made of them. */
function packedProblem(bytes: Uint8Array, { depthMax, valuesMax }: ForwardLimits): string | undefined {
  // One scan over all of them, as if they stood in one array, so that values are counted together.
  const scanner = new FrameScanner({ depthMax, valuesMax: valuesMax + 1 })
  scanner.scan(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff), 0)
  const end = scanner.scan(bytes, 0)
  return typeof end === 'object' ? `entries, byte ${end.at}: ${end.malformed}` : undefined
}

function entryList(values: Iterable<unknown>, limits: ForwardLimits): ForwardEntry[] | string {
  const entries: ForwardEntry[] = []
  for (const value of values) {
    if (entries.length >= limits.entriesMax) return `more than ${limits.entriesMax} entries in a frame`
    if (!Array.isArray(value) || value.length < 2) return `entry ${entries.length} is no array of time and record`
    const time = timeOf(value[0])
    if (time === undefined) return `entry ${entries.length} has no time`
    if (!isRecord(value[1])) return `entry ${entries.length}: the record is no map`
    entries.push({ time, record: value[1] })
  }
  return entries
}

/** Integer seconds, an EventTime, or `[time, metadata]`. */
function timeOf(value: unknown): ForwardTime | undefined {
  if (value instanceof EventTime) return { seconds: value.seconds, nanoseconds: value.nanoseconds }
  if (typeof value === 'bigint') return { seconds: Number(value), nanoseconds: 0 }
  if (typeof value === 'number' && Number.isFinite(value)) {
    const seconds = Math.floor(value)
    return { seconds, nanoseconds: Math.round((value - seconds) * 1e9) }
  }
  if (Array.isArray(value) && value.length === 2 && !Array.isArray(value[0]) && isRecord(value[1]))
    return timeOf(value[0])
  return undefined
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof EventTime)
  )
}

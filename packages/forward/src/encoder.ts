import { gzipSync } from 'node:zlib'

import { encodeValue, EventTime } from './codec.ts'
import type { ForwardEntry, ForwardMessage } from './message.ts'

/** The four ways to write the same entries. */
export type ForwardMode = 'Message' | 'Forward' | 'PackedForward' | 'CompressedPackedForward'

/** The bytes of one message. `Message` mode holds one entry a frame, so it gives one frame for each. */
export function encodeMessage(message: ForwardMessage, mode: ForwardMode = 'Forward'): Uint8Array {
  const chunk = message.chunk === undefined ? {} : { chunk: message.chunk }
  switch (mode) {
    case 'Message':
      return Buffer.concat(
        message.entries.map((entry) => encodeValue([message.tag, new EventTime(entry.time), entry.record, chunk])),
      )
    case 'Forward':
      return encodeValue([message.tag, message.entries.map(pair), { size: message.entries.length, ...chunk }])
    case 'PackedForward':
      return encodeValue([message.tag, packed(message.entries), { size: message.entries.length, ...chunk }])
    case 'CompressedPackedForward':
      return encodeValue([
        message.tag,
        gzipSync(packed(message.entries)),
        { size: message.entries.length, compressed: 'gzip', ...chunk },
      ])
  }
}

/** A request: one msgpack string. */
export function encodeRequest(text: string): Uint8Array {
  return encodeValue(text)
}

/** The acknowledgement of a chunk. */
export function encodeAck(chunk: string): Uint8Array {
  return encodeValue({ ack: chunk })
}

function pair(entry: ForwardEntry): unknown {
  return [new EventTime(entry.time), entry.record]
}

function packed(entries: readonly ForwardEntry[]): Uint8Array {
  return Buffer.concat(entries.map((entry) => encodeValue(pair(entry))))
}

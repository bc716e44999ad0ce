import { Buffer } from 'node:buffer'

import { ChangeTrackingError } from '../../change-tracking-error.ts'
import { BusReader } from './bus-reader.ts'
import { BusWriter } from './bus-writer.ts'
import { BusVariant, type BusValue, listOf, numberOf, textOf } from './value.ts'

/** Kinds of messages (D-Bus specification, "Message Types"). */
export const messageKinds = { call: 1, answer: 2, error: 3, signal: 4 } as const
export type MessageKind = keyof typeof messageKinds

/** One message to another program. */
export interface BusMessage {
  readonly kind: MessageKind
  readonly serial: number
  readonly path?: string
  readonly interface?: string
  readonly member?: string
  readonly errorName?: string
  readonly replyTo?: number
  readonly destination?: string
  readonly sender?: string
  readonly signature: string
}

/** A message that came, whose body is read when somebody asks for it. */
export interface ReceivedMessage extends BusMessage {
  /** All values of the body. */
  body(): readonly BusValue[]
  /** A reader at the body's beginning. */
  reader(): BusReader
}

/** Bytes of one message that are taken; the specification allows 128 MiB, and 10,000 units are told in less than 4. */
export const MESSAGE_BYTES_MAX = 64 * 1024 * 1024
/** Bytes before the header's fields are known. */
export const FIXED_BYTES = 16

const FIELDS = [
  { code: 1, name: 'path', signature: 'o' },
  { code: 2, name: 'interface', signature: 's' },
  { code: 3, name: 'member', signature: 's' },
  { code: 4, name: 'errorName', signature: 's' },
  { code: 5, name: 'replyTo', signature: 'u' },
  { code: 6, name: 'destination', signature: 's' },
  { code: 7, name: 'sender', signature: 's' },
  { code: 8, name: 'signature', signature: 'g' },
] as const

/**
 * The bytes of a message.
 *
 *     ┌ 'l' or 'B' ┬ kind u8 ┬ flags u8 ┬ version 1 ┬ body length u32 ┬ serial u32 ┬ fields a(yv) ┬ to 8 ┬ body ┐
 */
export function encodeMessage(message: BusMessage, values: readonly BusValue[]): Buffer {
  const body = new BusWriter()
  body.writeAll(message.signature, values)
  const fields = FIELDS.flatMap(({ code, name, signature }): BusValue[] => {
    const value = message[name]
    return value === undefined || value === '' ? [] : [[code, new BusVariant(signature, value)]]
  })
  const writer = new BusWriter()
  const order = 'l'.charCodeAt(0)
  writer.writeAll('yyyyuua(yv)', [order, messageKinds[message.kind], 0, 1, body.length, message.serial, fields])
  writer.align(8)
  return Buffer.concat([writer.bytes(), body.bytes()])
}

/** How many bytes a message has whose first `FIXED_BYTES` are here. Throws `bus-failed` where that is no message. */
export function messageLength(bytes: Buffer): number {
  const isBig = isBigEndian(bytes)
  const body = isBig ? bytes.readUInt32BE(4) : bytes.readUInt32LE(4)
  const fields = isBig ? bytes.readUInt32BE(12) : bytes.readUInt32LE(12)
  const length = FIXED_BYTES + Math.ceil(fields / 8) * 8 + body
  if (length > MESSAGE_BYTES_MAX)
    throw new ChangeTrackingError('bus-failed', `a message has ${length} bytes, more than ${MESSAGE_BYTES_MAX}`)
  return length
}

/** Reads a whole message. Throws `bus-failed` where it is damaged; the body is looked at only when it is asked for. */
export function decodeMessage(bytes: Buffer): ReceivedMessage {
  const isBig = isBigEndian(bytes)
  const head = new BusReader(bytes, { at: 0, isBig })
  const [, kindCode, , version, , serial, fields] = head.readAll('yyyyuua(yv)')
  head.align(8)
  const kind = Object.entries(messageKinds).find(([, code]) => code === kindCode)?.[0]
  if (!isKind(kind) || version !== 1)
    throw new ChangeTrackingError('bus-failed', `a message of kind ${numberOf(kindCode)}, version ${numberOf(version)}`)
  const found: Record<string, string | number> = {}
  for (const each of listOf(fields)) {
    const [code, variant] = listOf(each)
    const field = FIELDS.find((one) => one.code === code)
    if (field === undefined || !(variant instanceof BusVariant) || variant.signature !== field.signature) continue
    found[field.name] = field.name === 'replyTo' ? numberOf(variant.value) : textOf(variant.value)
  }
  const signature = textOf(found['signature'])
  const reader = (): BusReader => new BusReader(bytes, { at: head.at, isBig })
  return { ...found, kind, serial: numberOf(serial), signature, reader, body: () => reader().readAll(signature) }
}

function isKind(text: string | undefined): text is MessageKind {
  return text !== undefined && Object.hasOwn(messageKinds, text)
}

function isBigEndian(bytes: Buffer): boolean {
  const order = bytes[0]
  if (order === 0x6c) return false
  if (order === 0x42) return true
  throw new ChangeTrackingError('bus-failed', `a message begins with the byte ${order ?? 'of nothing'}`)
}

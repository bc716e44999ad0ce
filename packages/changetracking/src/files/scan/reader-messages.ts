import { STAMP_BYTES } from './stamp.ts'
import type { ReadAnswer, ReadOrder } from './read-file.ts'

/**
 * Orders on their way to another thread. Columns instead of objects: thousands of small objects cost more to copy from
 * thread to thread than the files cost to read.
 */
export interface OrderMessage {
  readonly paths: readonly string[]
  /** One behind the other. */
  readonly stamps: Uint8Array
  /** 0 or 1 for each. */
  readonly followed: Uint8Array
  /** `METHODS` by number. */
  readonly methods: Uint8Array
  readonly wantsText: Uint8Array
  /** -1 where no content is to be kept. */
  readonly contentBytesMax: Float64Array
}

/** What comes from a thread: answers, or why there are none; then the thread is of no use any more. */
export type FromReader = AnswerMessage | { readonly kind: 'failed'; readonly reason: string }

/** The answers to one message of orders. */
export interface AnswerMessage {
  readonly kind: 'answers'
  readonly errors: Int32Array
  readonly stamps: Uint8Array
  readonly fresh: Uint8Array
  readonly digests: readonly string[]
  /** One behind the other, and where each ends; one that ends where it begins is none. */
  readonly texts: Uint8Array
  readonly textEnds: Uint32Array
  /** Of the few that have some, by their number. */
  readonly rest: readonly (readonly [number, Pick<ReadAnswer, 'attributes' | 'content'>])[]
}

const NOTHING: { readonly attributes?: ReadAnswer['attributes']; readonly content?: ReadAnswer['content'] } = {}

const METHODS: readonly ReadOrder['method'][] = [undefined, 'sha256', 'md5']

export function encodeOrders(orders: readonly ReadOrder[]): OrderMessage {
  const message = {
    paths: orders.map(({ path }) => path),
    stamps: new Uint8Array(orders.length * STAMP_BYTES),
    followed: new Uint8Array(orders.length),
    methods: new Uint8Array(orders.length),
    wantsText: new Uint8Array(orders.length),
    contentBytesMax: new Float64Array(orders.length),
  }
  for (const [index, { stamp, isFollowed, method, contentBytesMax, isTextWanted }] of orders.entries()) {
    message.wantsText[index] = isTextWanted ? 1 : 0
    message.stamps.set(stamp, index * STAMP_BYTES)
    message.followed[index] = isFollowed ? 1 : 0
    message.methods[index] = METHODS.indexOf(method)
    message.contentBytesMax[index] = contentBytesMax ?? -1
  }
  return message
}

export function decodeOrders(message: OrderMessage): ReadOrder[] {
  return message.paths.map((path, index) => {
    const contentBytesMax = message.contentBytesMax[index] ?? -1
    return {
      path,
      stamp: stampAt(message.stamps, index),
      isFollowed: message.followed[index] === 1,
      isTextWanted: message.wantsText[index] === 1,
      method: METHODS[message.methods[index] ?? 0],
      contentBytesMax: contentBytesMax < 0 ? undefined : contentBytesMax,
    }
  })
}

export function encodeAnswers(answers: readonly ReadAnswer[]): AnswerMessage {
  const rest: [number, Pick<ReadAnswer, 'attributes' | 'content'>][] = []
  const message = {
    kind: 'answers' as const,
    errors: new Int32Array(answers.length),
    stamps: new Uint8Array(answers.length * STAMP_BYTES),
    fresh: new Uint8Array(answers.length),
    digests: answers.map(({ digest }) => digest),
    texts: new Uint8Array(answers.reduce((bytes, { text }) => bytes + (text?.length ?? 0), 0)),
    textEnds: new Uint32Array(answers.length),
    rest,
  }
  let end = 0
  for (const [index, { error, stamp, isFresh, attributes, content, text }] of answers.entries()) {
    if (text !== undefined) message.texts.set(text, end)
    end += text?.length ?? 0
    message.textEnds[index] = end
    message.errors[index] = error
    message.stamps.set(stamp, index * STAMP_BYTES)
    message.fresh[index] = isFresh ? 1 : 0
    if (attributes.length > 0 || content !== undefined)
      rest.push([index, content === undefined ? { attributes } : { attributes, content }])
  }
  return message
}

export function decodeAnswers(message: AnswerMessage): ReadAnswer[] {
  const rest = new Map(message.rest)
  return message.digests.map((digest, index) => {
    const { attributes = [], content } = rest.get(index) ?? NOTHING
    const [from, to] = [message.textEnds[index - 1] ?? 0, message.textEnds[index] ?? 0]
    return {
      error: message.errors[index] ?? 0,
      stamp: stampAt(message.stamps, index),
      isFresh: message.fresh[index] === 1,
      digest,
      // Between threads a Buffer becomes a plain array of bytes.
      attributes: attributes.map(([name, value]) => [name, Buffer.from(value)] as const),
      ...(content === undefined ? {} : { content }),
      ...(from === to ? {} : { text: message.texts.subarray(from, to) }),
    }
  })
}

function stampAt(stamps: Uint8Array, index: number): Buffer {
  return Buffer.from(stamps.buffer, stamps.byteOffset + index * STAMP_BYTES, STAMP_BYTES)
}

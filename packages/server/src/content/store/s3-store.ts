import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'

import { StoreUnavailable } from '../../ports.ts'
import { type ContentStore, placeOf } from './content-store.ts'
import type { S3Place } from './place.ts'

/** Milliseconds for a connection, and for an answer. */
const CONNECT_MS_MAX = 10_000
const ANSWER_MS_MAX = 60_000

/** Contents as objects of a bucket, in AWS or wherever its protocol is spoken (MinIO, Ceph, R2). */
export class S3Store implements ContentStore {
  readonly #client: S3Client
  readonly #place: S3Place

  constructor(place: S3Place) {
    const { region, endpoint, hasPathStyle, credentials } = place
    this.#place = place
    this.#client = new S3Client({
      region,
      forcePathStyle: hasPathStyle,
      // Others than AWS do not know its newer checksums; ours is in the name of each object.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 3,
      requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    })
  }

  async put(hash: string, frame: Uint8Array): Promise<void> {
    await orUnavailable(async () => {
      if (await this.has(hash)) return
      const facts = { Body: frame, ContentLength: frame.length, ContentType: 'application/zstd' }
      await this.#client.send(new PutObjectCommand({ ...this.#at(hash), ...facts }))
    })
  }

  async get(hash: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return await orUnavailable(
      async () => {
        const answer = await this.#client.send(new GetObjectCommand(this.#at(hash)))
        return answer.Body && chunksOf(answer.Body.transformToWebStream())
      },
      { value: undefined },
    )
  }

  async has(hash: string): Promise<boolean> {
    return await orUnavailable(
      async () => {
        await this.#client.send(new HeadObjectCommand(this.#at(hash)))
        return true
      },
      { value: false },
    )
  }

  async remove(hash: string): Promise<void> {
    await orUnavailable(async () => void (await this.#client.send(new DeleteObjectCommand(this.#at(hash)))), {
      value: undefined,
    })
  }

  #at(hash: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#place.bucket, Key: `${this.#place.prefix}${placeOf(hash)}` }
  }

  /** What was acknowledged is in the bucket; connections are closed. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
    this.#client.destroy()
  }
}

async function* chunksOf(stream: ReadableStream): AsyncGenerator<Uint8Array> {
  // A loop that ends early cancels the stream, and with it the connection.
  for await (const piece of stream) if (piece instanceof Uint8Array) yield piece
}

/** `missing.value` for an object that is not there, where one may be missing; everything else may go well later. */
async function orUnavailable<T>(work: () => Promise<T>, missing?: { readonly value: T }): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (missing !== undefined && isMissing(cause)) return missing.value
    if (cause instanceof StoreUnavailable) throw cause
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new StoreUnavailable(`the content store's bucket: ${why}`, { cause })
  }
}

/** A missing bucket is no missing object: that would hide a wrong setting. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound')
}

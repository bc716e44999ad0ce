import { ContainerClient, RestError, StorageSharedKeyCredential } from '@azure/storage-blob'

import { StoreUnavailable } from '../../ports.ts'
import type { AzurePlace } from './place.ts'
import { type ContentStore, placeOf } from './content-store.ts'

/** Contents as block blobs of a container. */
export class AzureStore implements ContentStore {
  readonly #container: ContainerClient
  readonly #prefix: string

  constructor({ containerUrl, prefix, account, key, sas }: AzurePlace) {
    const url = sas === undefined ? containerUrl : `${containerUrl}?${sas.replace(/^\?/, '')}`
    const retryOptions = { maxTries: 3, tryTimeoutInMs: 60_000 }
    this.#prefix = prefix
    this.#container =
      account !== undefined && key !== undefined
        ? new ContainerClient(url, new StorageSharedKeyCredential(account, key), { retryOptions })
        : new ContainerClient(url, undefined, { retryOptions })
  }

  async put(hash: string, frame: Uint8Array): Promise<void> {
    await orUnavailable(async () => {
      const headers = { blobContentType: 'application/zstd' }
      const only = { conditions: { ifNoneMatch: '*' }, blobHTTPHeaders: headers }
      await this.#blob(hash).upload(Buffer.from(frame), frame.length, only)
    }, [409, undefined])
  }

  async get(hash: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return await orUnavailable(async () => {
      const { readableStreamBody } = await this.#blob(hash).download()
      return readableStreamBody && bytesOf(readableStreamBody)
    }, [404, undefined])
  }

  async has(hash: string): Promise<boolean> {
    return await orUnavailable(async () => {
      await this.#blob(hash).getProperties()
      return true
    }, [404, false])
  }

  async remove(hash: string): Promise<void> {
    await orUnavailable(async () => void (await this.#blob(hash).delete()), [404, undefined])
  }

  #blob(hash: string) {
    return this.#container.getBlockBlobClient(`${this.#prefix}${placeOf(hash)}`)
  }

  /** What was acknowledged is in the container. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }
}

async function* bytesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}

/** Gives the second of `expected` where the answer has the first as its status and says that it is about the blob. */
async function orUnavailable<T>(work: () => Promise<T>, [status, otherwise]: readonly [number, T]): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof RestError && cause.statusCode === status && codeOf(cause) !== 'ContainerNotFound')
      return otherwise
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StoreUnavailable(`the content store's container: ${why.slice(0, 500)}`, { cause })
  }
}

/** A missing container is a wrong setting, and no missing blob. An answer to HEAD has its code in a header alone. */
function codeOf(error: RestError): string | undefined {
  return error.response?.headers.get('x-ms-error-code') ?? error.code
}

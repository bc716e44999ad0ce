import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'

const encoders = {
  zstd: promisify(zstdCompress),
  gzip: promisify(gzip),
} as const
/** A content coding of uploads; `identity` sends the bytes as they are. */
export type Encoding = keyof typeof encoders | 'identity'

/** Best first. */
const PREFERRED: readonly Encoding[] = ['zstd', 'gzip', 'identity']

/**
 * How bodies are compressed for each server. A server offers codings by `Accept-Encoding` in its answers (RFC 9110
 * §12.5.3); until it did, gzip is taken, and after a 415 without an offer, none (docs/decisions/0032).
 */
export class Encodings {
  readonly #offered = new Map<string, Encoding>()

  /** The coding for an address of this server. */
  of(url: string): Encoding {
    return this.#offered.get(new URL(url).origin) ?? 'gzip'
  }

  /** What an answer from this address offers. */
  learn(url: string, acceptEncoding: string | undefined): void {
    const best = bestOf(acceptEncoding)
    if (best !== undefined) this.#offered.set(new URL(url).origin, best)
  }

  /** The address refused a coding (415): takes what it offers instead, or none. True where that is another one. */
  refused(url: string, acceptEncoding: string | undefined): boolean {
    const before = this.of(url)
    const best = bestOf(acceptEncoding)
    const next = best === undefined || best === before ? 'identity' : best
    this.#offered.set(new URL(url).origin, next)
    return next !== before
  }
}

function bestOf(acceptEncoding: string | undefined): Encoding | undefined {
  if (acceptEncoding === undefined) return undefined
  const offered = new Set(
    acceptEncoding.split(',').flatMap((part) => {
      const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase())
      return parameters.some((each) => /^q=0(\.0*)?$/.test(each)) ? [] : [name]
    }),
  )
  return PREFERRED.find((each) => each === 'identity' || offered.has(each))
}

/** The bytes in a coding. */
export async function encoded(text: string, encoding: Encoding): Promise<Uint8Array> {
  return encoding === 'identity' ? Buffer.from(text) : await encoders[encoding](text)
}

import { promisify } from 'node:util'
import { gunzip, inflate, zstdDecompress } from 'node:zlib'

import { UPLOAD_BYTES_MAX } from '@tidemark/model'

const decoders = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  zstd: promisify(zstdDecompress),
} as const

/** A body as text, or the status with which to refuse it. At most `bytesMax` come out, whatever went in. */
export async function decompressed(
  body: Buffer,
  encoding: string | undefined,
  bytesMax = UPLOAD_BYTES_MAX,
): Promise<{ readonly text: string } | { readonly status: number; readonly reason: string }> {
  const asked = (encoding ?? 'identity').trim().toLowerCase()
  if (asked === 'identity') return body.length > bytesMax ? tooLarge(bytesMax) : { text: body.toString('utf8') }
  const decode = Object.entries(decoders).find(([name]) => name === asked)?.[1]
  if (decode === undefined)
    return {
      status: 415,
      reason: `Content-Encoding "${encoding}" is not known; known: ${Object.keys(decoders).join(', ')}`,
    }
  try {
    return { text: (await decode(body, { maxOutputLength: bytesMax })).toString('utf8') }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    return isTooLarge ? tooLarge(bytesMax) : { status: 400, reason: `the body is no ${encoding}: ${reason}` }
  }
}

function tooLarge(bytesMax: number): { readonly status: number; readonly reason: string } {
  return { status: 413, reason: `more than ${bytesMax} bytes after decompression` }
}

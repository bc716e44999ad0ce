import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdDecompress } from 'node:zlib'

/** zstd's window at most, as a power of two: the whole of the largest content, and no gigabyte that a frame asks for. */
const WINDOW_LOG_MAX = 26

/** Bytes of one piece of what comes out. */
const PIECE_BYTES = 64 * 1024

function decompressor() {
  return createZstdDecompress({ chunkSize: PIECE_BYTES, params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX } })
}

/**
 * Why a frame is not the content it is said to be; `undefined` where it is. Needs little memory whatever the frame is: what
 * comes out is hashed and forgotten, and ends at the first byte too many.
 */
export async function faultOf(
  frame: Uint8Array,
  { hash, size }: { readonly hash: string; readonly size: number },
): Promise<string | undefined> {
  const digest = createHash('sha256')
  let bytes = 0
  try {
    await pipeline([frame], decompressor(), async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) {
        bytes += piece.length
        if (bytes > size) throw new Error(`it holds more than the ${size} bytes that were said`)
        digest.update(piece)
      }
    })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  if (bytes !== size) return `it holds ${bytes} bytes, and ${size} were said`
  return digest.digest('hex') === hash ? undefined : 'its SHA-256 is another'
}

/** The content of a frame in pieces. Whoever ends the loop early ends reading, too. */
export async function* contentOf(frame: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decompressing = decompressor()
  const feeding = pipeline(frame, decompressing)
  // A fault reaches whoever reads; this only keeps it from being nobody's.
  feeding.catch(() => undefined)
  try {
    for await (const piece of decompressing) if (piece instanceof Uint8Array) yield piece
    await feeding
  } finally {
    decompressing.destroy()
  }
}

/** The first `bytesMax` bytes of a content, and whether there are more. */
export async function beginningOf(
  frame: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of contentOf(frame)) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > bytesMax) break
  }
  const all = Buffer.concat(pieces)
  return { bytes: all.subarray(0, bytesMax), isWhole: bytes <= bytesMax }
}

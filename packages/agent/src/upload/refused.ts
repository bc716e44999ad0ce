import { join } from 'node:path'

import { fileSize, namesEndingIn, removeFile, replaceFile } from '../host/files.ts'
import type { RefusedBatch } from './uploader.ts'

/** Refused batches that are kept; the oldest go first. */
export const REFUSED_COUNT_MAX = 100
/** Bytes of all of them. */
export const REFUSED_BYTES_MAX = 64 * 1024 * 1024

/** Keeps a batch that the server refused, as `<time>-<batch id>.json` in `folder`, for a person to look at. */
export function keepRefused(folder: string, refused: RefusedBatch, nowMs: number): void {
  const end = `-${refused.batchId}.json`
  // It may have been kept by a start that was killed before it could forget the rows.
  for (const name of namesEndingIn(folder, end)) removeFile(folder, name)
  const time = new Date(nowMs).toISOString().replaceAll(':', '')
  replaceFile(join(folder, `${time}${end}`), `${JSON.stringify(refused)}\n`)
  let bytes = 0
  for (const [index, name] of namesEndingIn(folder, '.json').toReversed().entries()) {
    bytes += fileSize(join(folder, name))
    if (index >= REFUSED_COUNT_MAX || (index > 0 && bytes > REFUSED_BYTES_MAX)) removeFile(folder, name)
  }
}

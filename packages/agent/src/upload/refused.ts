import { join } from 'node:path'

import { namesEndingIn, removeFile, replaceFile } from '../host/files.ts'
import type { RefusedBatch } from './uploader.ts'

/** Refused batches that are kept; the oldest go first. */
export const REFUSED_COUNT_MAX = 100

/** Keeps a batch that the server refused, as `<batch id>.json` in `folder`, for a person to look at. */
export function keepRefused(folder: string, refused: RefusedBatch, nowMs: number): void {
  const time = new Date(nowMs).toISOString().replaceAll(':', '')
  replaceFile(join(folder, `${time}-${refused.batchId}.json`), `${JSON.stringify(refused, undefined, 2)}\n`)
  const names = namesEndingIn(folder, '.json')
  for (const name of names.slice(0, Math.max(0, names.length - REFUSED_COUNT_MAX))) removeFile(folder, name)
}

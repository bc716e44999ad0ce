import { realpathSync } from 'node:fs'

/** Where a path leads when all links in it are followed, as latin1 text; `undefined` where it leads nowhere. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(Buffer.from(path, 'latin1'), { encoding: 'latin1' })
  } catch {
    return undefined
  }
}

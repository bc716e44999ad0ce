import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Whether a folder holds a built portal. */
export function isBuilt(folder: string): boolean {
  return existsSync(join(folder, 'index.html'))
}

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

/** Bytes that a first load may have, gzip. */
export const FIRST_LOAD_BYTES_MAX = 300_000

const pages = fileURLToPath(new URL('../../packages/portal/dist', import.meta.url))

/** Whether the pages are built here. */
export const isBuilt = existsSync(join(pages, 'index.html'))

/**
 * What a browser fetches before anything is clicked: the page, its styles and scripts, and all that those import at once.
 * By name, bytes after gzip. What is loaded later on is left out.
 */
export function firstLoad(): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const take = (name: string): void => {
    if (found.has(name)) return
    const text = readFileSync(join(pages, name), 'utf8')
    found.set(name, gzipSync(text).length)
    const links = name.endsWith('.html') ? /(?:src|href)="(\.\/[^"]+)"/g : /(?:from|import)\s*"(\.\/[^"]+)"/g
    for (const [, link = ''] of text.matchAll(links)) take(join(dirname(name), link))
  }
  take('index.html')
  return found
}

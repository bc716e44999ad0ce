import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { SourceFile } from './source-file.ts'

const READ = /\.(tsx?|mjs|css|json|md)$/

/** The files that git knows or would add, without fixtures and lock files; deleted ones are left out. */
export function readTree(root: string): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return listed
    .split('\0')
    .filter((path) => READ.test(path) && !/(^|\/)(fixtures|results)\//.test(path) && path !== 'package-lock.json')
    .sort()
    .flatMap((path) => readIfThere(root, path))
}

function readIfThere(root: string, path: string): SourceFile[] {
  try {
    return [{ path, text: readFileSync(join(root, path), 'utf8') }]
  } catch {
    // Deleted, not yet committed: git still lists it.
    return []
  }
}

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

import { clone } from 'tidemark/testing'

/** Builds one package, quickly rather than small; gives its path. */
export function buildPackage(
  out: string,
  version: string,
  format: 'deb' | 'rpm' = 'deb',
  ...more: readonly string[]
): string {
  const words = ['--out', out, '--arch', 'x64', '--format', format, '--version', version, '--fast', ...more]
  const said = execFileSync(process.execPath, [join(clone, 'tools/package/build.ts'), ...words], { encoding: 'utf8' })
  return said.trim()
}

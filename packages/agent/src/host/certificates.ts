import { readFileSync, statSync } from 'node:fs'
import { getCACertificates } from 'node:tls'

/** The authorities that this system and this Node believe, PEM. */
export function systemAuthorities(): string[] {
  return [...getCACertificates('default'), ...getCACertificates('system')]
}

/** Text of a file; throws node's error where it cannot be read. */
export function fileText(path: string): string {
  return readFileSync(path, 'utf8')
}

/** When one of these files changed last, milliseconds since 1970; 0 where none is there. */
export function newestChangeMs(paths: readonly string[]): number {
  return Math.max(0, ...paths.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0))
}

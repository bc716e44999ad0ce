import { readFileSync } from 'node:fs'

/**
 * Those of the sockets that nobody listens on here: /proc/net/unix has a line for each (unix(7)), abstract names with `@` for
 * every NUL. None where that cannot be read.
 */
export function missingSockets(names: readonly string[]): string[] {
  try {
    const there = new Set(
      readFileSync('/proc/net/unix', 'utf8')
        .split('\n')
        .map((line) => withoutPadding(line.split(/\s+/).slice(7).join(' '))),
    )
    return names.filter((name) => !there.has(withoutPadding(name)))
  } catch {
    return []
  }
}

function withoutPadding(name: string): string {
  return name.startsWith('@') ? name.replace(/@+$/, '') : name
}

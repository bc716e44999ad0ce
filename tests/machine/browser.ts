import { existsSync } from 'node:fs'

/** Debian's browser. */
export const chromiumPath = '/usr/bin/chromium'

/** Why there is no browser here, `undefined` when there is one: tests put it into their name when they skip. */
export function whyNoBrowser(): string | undefined {
  return existsSync(chromiumPath) ? undefined : 'no chromium'
}

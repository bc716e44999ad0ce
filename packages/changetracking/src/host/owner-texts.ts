import { readFileSync } from 'node:fs'

/** The texts of /etc/passwd and /etc/group; empty where one cannot be read. */
export function ownerTexts(): { readonly passwd: string; readonly group: string } {
  return { passwd: textOf('/etc/passwd'), group: textOf('/etc/group') }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

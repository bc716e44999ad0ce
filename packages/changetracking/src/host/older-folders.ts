import { readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Folders of earlier versions that stay, the newest, for who looks for what was before an upgrade. */
export const OLDER_FOLDERS_MAX = 1

/** What we write. Folders of other programs may have names like ours: nothing else is touched, and none without `STATUS`. */
const OURS = /^(File|Packages|Services|status)\.json(\.new)?$|^cta_linux_agent\.log(\.\d+)?$/
const STATUS = 'status.json'

/** Removes what versions before the last one left in their folders; what cannot be removed stays. */
export function removeOlderFolders(place: { readonly folder: string; readonly prefix: string }, version: string): void {
  const older = namesIn(place.folder)
    .filter((name) => name.startsWith(place.prefix) && name !== `${place.prefix}${version}`)
    .map((name) => join(place.folder, name))
    .flatMap((path) => {
      const changedMs = statSync(join(path, STATUS), { throwIfNoEntry: false })?.mtimeMs
      return changedMs === undefined ? [] : [{ path, changedMs }]
    })
    .toSorted((one, other) => other.changedMs - one.changedMs)
  for (const { path } of older.slice(OLDER_FOLDERS_MAX)) {
    try {
      for (const name of namesIn(path)) if (OURS.test(name)) rmSync(join(path, name))
      rmdirSync(path)
    } catch {
      // Somebody else has something there.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

import { softwareItem } from '../item.ts'
import { isKnown, reading, type Source, unseenSource } from '../source.ts'
import { parseApkInstalled } from './installed.ts'

// The second since apk-tools 3.
const FOLDERS = ['/lib/apk/db', '/usr/lib/apk/db'] as const
/** Bytes of apk's database at most. */
export const INSTALLED_BYTES_MAX = 256 * 1024 * 1024

/** Packages of apk (Alpine). It replaces its database in one step at the end, so that no lock is waited for. */
export const apk: Source = {
  name: 'apk',
  watched: { folders: FOLDERS.map((path) => ({ path, names: /^installed$/ })) },
  collect: async ({ tree }, known) =>
    await reading('apk', () => {
      for (const folder of FOLDERS) {
        const text = tree.read(`${folder}/installed`, INSTALLED_BYTES_MAX)?.toString('utf8')
        if (text === undefined) continue
        const database = parseApkInstalled(text)
        if (database.kind === 'refused') return unseenSource('apk', `${folder}/installed, ${database.problem}`)
        const items = database.packages.map((facts) => [`apk/${facts.name}`, softwareItem('apk', facts)] as const)
        return { items: new Map(items), gaps: [] }
      }
      return isKnown('apk', known) ? unseenSource('apk', 'the database is gone') : undefined
    }),
}

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { DpkgDatabase, openPackageFiles } from '@tidemark/changetracking/testing'
import { isOnce, report } from './report.ts'

export const promise =
  'tidemark verify takes less CPU time than debsums; a first changed file costs one reading of all lists'

const main = join(import.meta.dirname, '../packages/tidemark/src/main.ts')
// To see that it runs, one package is enough.
const only = isOnce ? ['coreutils'] : []
const figures = []
const verify = [process.execPath, main, 'verify', ...only.flatMap((name) => ['--package', name])]
for (const [what, words] of [
  ['tidemark verify', verify],
  ['debsums -s', ['debsums', '-s', ...only]],
  ['dpkg --verify', ['dpkg', '--verify', ...only]],
] as const) {
  if (!existsSync(words[0] ?? '') && !existsSync(`/usr/bin/${words[0]}`)) continue
  figures.push({ what: `${what}: CPU time`, value: cpuSecondsOf(words), unit: 's' })
}
const ours = figures[0]?.value ?? 0
for (const { what, value } of figures.slice(1))
  figures.push({ what: `tidemark verify to ${what}`, value: ours / value, unit: 'times' })

const files = openPackageFiles('/')
const before = process.memoryUsage().rss
for (const [what, paths] of [
  ['the first path that is looked up', ['/usr/bin/env']],
  [
    'a table of all paths, and 1,000 looked up',
    Array.from({ length: 1_000 }, (_, index) => `/usr/share/none/${index}`),
  ],
] as const) {
  const database = what.startsWith('the first') ? new DpkgDatabase(files) : warm()
  const startedAt = process.cpuUsage()
  database.owners(paths)
  const { user, system } = process.cpuUsage(startedAt)
  figures.push({ what: `${what}: CPU time`, value: (user + system) / 1_000, unit: 'ms' })
}
figures.push({ what: 'memory for it', value: (process.memoryUsage().rss - before) / 1_000_000, unit: 'MB' })
report(promise, figures)

function warm(): DpkgDatabase {
  const database = new DpkgDatabase(files)
  database.owners(['/usr/bin/env'])
  return database
}

/** User and system time of a program and its children. */
function cpuSecondsOf(words: readonly string[]): number {
  const { stderr } = spawnSync('/usr/bin/time', ['-f', '%U %S', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
  const [user = 0, system = 0] = stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  return user + system
}

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type AnswerRow, clone, RunningTidemark } from 'tidemark/testing'
import { type Act, fileActs, OUTSIDE, TRACKED } from './files-journey/acts.ts'
import { peopleActs } from './files-journey/people-acts.ts'
import { applyRule, BURST } from './files-journey/rule.ts'
import { BootedMachine, whyNoMachine } from './machine/booted-machine.ts'

// Goal: whatever people and programs do to files, each change is told once, exactly, at once, with who did it. Method: all
// of Tidemark in a real Debian 12 with systemd; each act has a folder of its own, all acts run one after the other as they
// would, and then the rows of each folder are compared, none may be missing or too many.

const PACKAGES =
  'sudo acl attr e2fsprogs git vim-tiny ed logrotate libpam-systemd systemd-container busybox-static cron'.split(' ')
/** From the act to the look at it, in milliseconds: what is promised, and what a machine that does much else may take. */
const SEEN_MS_MAX = 1_000
const BUSY_MS_MAX = 5_000
/** How often the scan comes that finds what the kernel does not tell. */
const SCAN_SECONDS = 15

/** Its own, for machines share the names of abstract sockets with this one. */
const SOCKETS = '/run/tidemark'

const missing = whyNoMachine()
const acts: readonly Act[] = [...fileActs, ...peopleActs]
const folderOf = (act: Act): string => `${TRACKED}/act-${acts.indexOf(act)}`
const endedMs = new Map<Act, number>()

describe.skipIf(missing)(`a Debian machine${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let shared = ''
  let machine: BootedMachine
  let tidemark: RunningTidemark

  beforeAll(async () => {
    mkdirSync('/var/tmp/tidemark-tests', { recursive: true })
    shared = mkdtempSync('/var/tmp/tidemark-tests/state-')
    machine = await BootedMachine.boot({
      readOnly: [clone],
      writable: [shared],
      packages: PACKAGES,
      hasOwnDisk: true,
    })
    await shell(PREPARED)
    await shell(acts.map((act) => `(${scriptOf(act, act.before ?? 'true')})`).join('\n'))
    tidemark = await RunningTidemark.start({ machine, state: shared, socketsDirectory: SOCKETS })
    await applyRule(tidemark, { frequencySeconds: SCAN_SECONDS })
    await tidemark.queryUntil(`ConfigurationData | where FileSystemPath startswith "${TRACKED}/act-"`, (rows) =>
      rows.some((row) => row['FileSystemPath'] === `${folderOf(acts[0]!)}/f`),
    )
    for (const act of acts) {
      await run(act)
      endedMs.set(act, Date.now())
      await sleep(50)
    }
  })
  afterAll(async () => {
    await tidemark?.[Symbol.asyncDispose]()
    await machine?.[Symbol.asyncDispose]()
    rmSync(shared, { recursive: true, force: true })
  })

  const shell = async (script: string): Promise<string> => await machine.run('sh', '-ec', script)

  async function run(act: Act): Promise<void> {
    const script = scriptOf(act, act.script)
    if (act.by !== 'alice') return void (await shell(script))
    const login = ['systemd-run', '--quiet', '--wait', '--pipe', '-p', 'PAMName=login', '-p', 'User=alice']
    await machine.run(...login, 'sh', '-ec', script)
  }

  /** All changes of files below a folder, by path and then in their order. */
  async function changesBelow(folder: string, count: number): Promise<AnswerRow[]> {
    const text = `ConfigurationChange | where FileSystemPath startswith "${folder}/" | sort by FileSystemPath asc, Sequence asc`
    return await tidemark.queryUntil(text, (rows) => rows.length >= count)
  }

  test.each(acts)('$name', async (act) => {
    const folder = folderOf(act)
    const rows = await changesBelow(folder, act.rows.length)
    const expected = act.rows.map(({ path, ...columns }) => ({
      FileSystemPath: `${folder}/${path}`,
      DetectedBy: 'watch',
      ...placed(act, columns),
    }))
    expect(rows).toMatchObject(expected)
    expect(rows.map((row) => row['FileSystemPath'])).toEqual(expected.map((row) => row.FileSystemPath))
  })

  test('what is seen is looked at within a second', async () => {
    const lateMs: number[] = []
    for (const act of acts)
      for (const row of await changesBelow(folderOf(act), act.rows.length))
        if (row['DetectedBy'] === 'watch')
          lateMs.push(Date.parse(String(row['TimeGenerated'])) - (endedMs.get(act) ?? NaN))
    lateMs.sort((one, other) => one - other)
    expect(lateMs.length).toBeGreaterThan(60)
    expect(lateMs[Math.floor(lateMs.length / 2)]).toBeLessThan(SEEN_MS_MAX)
    expect(lateMs.at(-1)).toBeLessThan(BUSY_MS_MAX)
  })
})

function scriptOf(act: Act, script: string): string {
  const [folder, outside] = [folderOf(act), `${OUTSIDE}/act-${acts.indexOf(act)}`]
  return script.replaceAll('$D', folder).replaceAll('$O', outside)
}

/** Expected columns with the act's own paths. */
function placed(act: Act, columns: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name, typeof value === 'string' ? scriptOf(act, value) : value]),
  )
}

const PREPARED = [
  'useradd -m alice; useradd -m bob; echo "alice ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/alice',
  'echo "127.0.0.1 $(hostname)" >> /etc/hosts',
  `mkdir -p ${BURST} ${SOCKETS}`,
  `for i in $(seq 0 ${acts.length - 1}); do mkdir -p ${TRACKED}/act-$i ${OUTSIDE}/act-$i; done`,
  'box=/srv/box; mkdir -p $box/bin $box/etc $box/usr/bin $box/proc $box/sys $box/dev $box/tmp $box/run $box/root $box/var',
  'cp /bin/busybox $box/bin; ln -s busybox $box/bin/sh; echo ID=box > $box/etc/os-release',
].join('\n')

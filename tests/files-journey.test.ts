import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type AnswerRow, clone, RunningTidemark } from 'tidemark/testing'
import { type Act, fileActs, OUTSIDE, TRACKED } from './files-journey/acts.ts'
import { peopleActs } from './files-journey/people-acts.ts'
import { applyRule, BURST } from './files-journey/rule.ts'
import { BootedMachine, whyNoMachine } from './machine/booted-machine.ts'
import { chromiumPath, whyNoBrowser } from './machine/browser.ts'

// Goal: whatever people and programs do to files, each change is told once, exactly, at once, with who did it. Method: all
// of Tidemark in a real Debian 12 with systemd; each act has a folder of its own, all acts run one after the other as they
// would, and then the rows of each folder are compared, none may be missing or too many.

const PACKAGES =
  'sudo acl attr e2fsprogs git vim-tiny ed logrotate libpam-systemd systemd-container busybox-static cron'.split(' ')
/** From the act to the look at it, in milliseconds: what is promised, and what a machine that does much else may take. */
const SEEN_MS_MAX = 1_000
const BUSY_MS_MAX = 5_000
/** How often the scan comes that finds what the kernel does not tell. */
const SCAN_SECONDS = 10

/** Its own, for machines share the names of abstract sockets with this one. */
const SOCKETS = '/run/tidemark'

/** Of a program that ends within a millisecond a busy machine may leave only its number: then it has to say so. */
const CAPTURED_SHARE_MIN = 0.75

/** What is expected of a row, without who did it where the row says that this is inferred. */
function asSure(expected: Readonly<Record<string, unknown>>, row: AnswerRow | undefined): Record<string, unknown> {
  if (row?.['InitiatingProcessCertainty'] !== 'inferred') return { ...expected }
  const isWho = (column: string): boolean => column.startsWith('InitiatingProcess')
  return Object.fromEntries(Object.entries(expected).filter(([column]) => !isWho(column)))
}

const missing = whyNoMachine()
const noBrowser = whyNoBrowser()
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
    if (act.passing !== undefined) {
      const names = rows.map((row) => String(row['FileSystemPath']).slice(folder.length + 1))
      expect(names.filter((name) => act.passing?.test(name) !== true)).toEqual([])
      return expect(names).toContain(act.rows.at(-1)?.path)
    }
    const expected = act.rows.map(({ path, ...columns }) => ({
      FileSystemPath: `${folder}/${path}`,
      DetectedBy: 'watch',
      ...placed(act, columns),
    }))
    expect(rows).toMatchObject(expected.map((row, index) => asSure(row, rows[index])))
    expect(rows.map((row) => row['FileSystemPath'])).toEqual(expected.map((row) => row.FileSystemPath))
  })

  test('of nearly all it is captured who it was', async () => {
    const rows = (await Promise.all(acts.map(async (act) => await changesBelow(folderOf(act), act.rows.length)))).flat()
    const captured = rows.filter((row) => row['InitiatingProcessCertainty'] === 'captured')
    expect(captured.length / rows.length).toBeGreaterThan(CAPTURED_SHARE_MIN)
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

  test('a package that is installed, upgraded and removed', async () => {
    const folder = `${TRACKED}/package`
    const apt = async (version: string): Promise<void> =>
      void (await shell(`apt-get install -y -q ${OUTSIDE}/journey-${version}.deb > /dev/null 2>&1`))
    await apt('1.0')
    const installed = await changesBelow(folder, 4)
    await apt('2.0')
    const upgraded = (await changesBelow(folder, 9)).filter((row) => !contains(installed, row))
    await shell('dpkg -r tidemark-journey')
    const all = await changesBelow(folder, 13)
    const told = (rows: AnswerRow[]): string[] =>
      rows.map((row) => `${String(row['ChangeCategory'])} ${String(row['Name'])}`)
    expect(told(installed)).toEqual(['Added a', 'Added b', 'Added gone', 'Added same'])
    expect(told(upgraded)).toEqual(['Modified a', 'Modified b', 'Removed gone', 'Added new', 'Modified same'])
    const taken = all.filter((row) => !contains([...installed, ...upgraded], row))
    expect(told(taken)).toEqual(['Removed a', 'Removed b', 'Removed new', 'Removed same'])
    for (const row of all)
      expect(row).toMatchObject({ InitiatingProcessFolderPath: '/usr/bin/dpkg', DetectedBy: 'watch' })
    for (const row of [...installed, ...upgraded])
      expect(String(row['InitiatingProcessTree'])).toContain('"exe":"/usr/bin/apt-get"')
    expect(upgraded.find((row) => row['Name'] === 'same')?.['FieldsChanged']).not.toContain('FileContentChecksum')
  })

  test('a log that is kept open: told at once, then now and then, in the end as it is', async () => {
    const path = `${TRACKED}/log/app.log`
    await shell(`(for i in $(seq 40); do echo line $i; sleep 0.05; done) >> ${path}`)
    const size = Number(await shell(`stat -c %s ${path}`))
    const rows = await tidemark.queryUntil(
      `ConfigurationChange | where FileSystemPath == "${path}" | sort by Sequence asc`,
      (told) => told.at(-1)?.['Size'] === size,
    )
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.length).toBeLessThan(5)
    for (const [index, row] of rows.entries())
      expect(row).toMatchObject({ DetectedBy: 'watch', PreviousSize: index === 0 ? 0 : rows[index - 1]?.['Size'] })
  })

  test('a burst of 10,000 files: each once, with who made it', async () => {
    await shell(`perl -e 'for (1..10000) { open F, ">${BURST}/$_"; print F $_; close F }'`)
    const text = `ConfigurationChange | where FileSystemPath startswith "${BURST}/" | summarize n = count(), files = dcount(FileSystemPath, 4), added = countif(ChangeCategory == "Added"), made = countif(InitiatingProcessFolderPath == "/usr/bin/perl")`
    const rows = await tidemark.queryUntil(text, ([row]) => Number(row?.['n']) >= 10_000)
    expect(rows).toEqual([{ n: 10_000, files: 10_000, added: 10_000, made: 10_000 }])
  })

  test(`two versions of a file, in the terminal and in Chromium${noBrowser ? ` (skipped: ${noBrowser})` : ''}`, async () => {
    const path = `${TRACKED}/content/app.conf`
    const from = new Date().toISOString()
    await shell(`cp ${OUTSIDE}/app.conf ${path}`)
    const [change] = await changesBelow(`${TRACKED}/content`, 1)
    const { output, errors } = await tidemark.command('diff', path, '--from', from, '--to', new Date().toISOString())
    expect(output).toMatch(/^--- [^\n]*app\.conf[^]*\n\+\+\+ [^]*\n@@ -1,3 \+1,3 @@\n/)
    expect(output).toContain('\n-port 1\n')
    expect(output).toContain('\n+port 2\n')
    expect(output).not.toMatch(/first-secret|other-secret/)
    expect(errors).toMatch(/secrets are hidden/)
    if (noBrowser) return
    const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
    try {
      const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
      await page.goto(`${tidemark.answer.portal}/#token=${tidemark.answer.token}`)
      await page.getByRole('heading', { name: 'Change tracking' }).waitFor()
      await page.goto(`${tidemark.answer.portal}/?change=${String(change?.['RecordId'])}`)
      const details = page.getByTestId('change-details')
      await details.getByRole('tab', { name: 'Content' }).click()
      const line = details.getByTestId('diff-row').filter({ hasText: 'port 1' })
      await line.waitFor()
      expect(await line.innerText()).toMatch(/port 1[^]*port 2/)
      expect(await details.innerText()).not.toMatch(/first-secret|other-secret/)
    } finally {
      await browser.close()
    }
  })

  test('a rule that changes makes no flood, and what it leaves out is not removed', async () => {
    const folder = `${TRACKED}/ruled`
    const isInForce = async (groupTag: string): Promise<void> => {
      for (let tries = 0; tries < 60; tries += 1) {
        await shell(`touch ${TRACKED}/probe-${groupTag}-${tries}`)
        await sleep(500)
        const told = await tidemark.query(`ConfigurationChange | where GroupTag == "${groupTag}" | count`)
        if (Number(told[0]?.['Count']) > 0) return
      }
      throw new Error(`the rule with ${groupTag} did not come in force`)
    }
    await applyRule(tidemark, { frequencySeconds: SCAN_SECONDS, groupTag: 'without', exclude: [`${folder}/**`] })
    await isInForce('without')
    await shell(`echo unseen > ${folder}/a; rm ${folder}/b`)
    await applyRule(tidemark, { frequencySeconds: SCAN_SECONDS, groupTag: 'with' })
    await isInForce('with')
    // What was excluded is a baseline once more; from then on its changes are told.
    for (let tries = 0; tries < 20 && (await changesOf(`${folder}/c`)) === 0; tries += 1) {
      await sleep(500)
      await shell(`echo ${tries} >> ${folder}/c`)
    }
    for (const row of await changesBelow(folder, 1))
      expect(row).toMatchObject({ Name: 'c', ChangeCategory: 'Modified' })
    expect(await tidemark.query('TidemarkVisibility | where Reason == "watch-overflowed" | count')).toEqual([
      { Count: 0 },
    ])
  })

  const changesOf = async (path: string): Promise<number> => {
    const [row] = await tidemark.query(`ConfigurationChange | where FileSystemPath == "${path}" | count`)
    return Number(row?.['Count'])
  }

  test('sequence numbers have no gap, and no row came twice', async () => {
    const rows = await tidemark.queryUntil(
      'union ConfigurationChange, ConfigurationData, TidemarkVisibility, TidemarkOperation | summarize n = count(), ids = dcount(RecordId, 4), newest = max(Sequence)',
      ([row]) => row !== undefined && row['n'] === row['newest'],
    )
    expect(rows[0]).toMatchObject({ ids: rows[0]?.['n'] })
  })

  test('an ordinary user sees changes at once, and is told why nobody is known to have made them', async () => {
    await tidemark[Symbol.asyncDispose]()
    const state = join(shared, 'alice')
    const sockets = '/run/tidemark-alice'
    await shell(`chmod 755 ${shared}; mkdir ${state} ${sockets}; chown alice ${state} ${sockets}`)
    const asAlice = {
      run: async (...words: readonly string[]) => await machine.run(...words),
      words: (...words: readonly string[]) => machine.words('runuser', '-u', 'alice', '--', ...words),
    }
    tidemark = await RunningTidemark.start({ machine: asAlice, state, socketsDirectory: sockets })
    await applyRule(tidemark, { frequencySeconds: 3_600 })
    await tidemark.queryUntil('TidemarkVisibility | where Reason == "watch-unavailable"', (rows) => rows.length > 0)
    await tidemark.queryUntil(
      `ConfigurationData | where FileSystemPath == "${TRACKED}/content/app.conf"`,
      (rows) => rows.length > 0,
    )
    const editedMs = Date.now()
    await shell(`sed -i 's/port 2/port 3/' ${TRACKED}/content/app.conf`)
    const [row] = await changesBelow(`${TRACKED}/content`, 1)
    expect(row).toMatchObject({
      ChangeCategory: 'Modified',
      DetectedBy: 'watch',
      InitiatingProcessCertainty: 'unknown',
      InitiatingProcessNote: expect.stringContaining('inotify'),
    })
    expect(Date.parse(String(row?.['TimeGenerated'])) - editedMs).toBeLessThan(BUSY_MS_MAX)
  })
})

function scriptOf(act: Act, script: string): string {
  const [folder, outside] = [folderOf(act), `${OUTSIDE}/act-${acts.indexOf(act)}`]
  return script.replaceAll('$D', folder).replaceAll('$O', outside)
}

function contains(rows: readonly AnswerRow[], row: AnswerRow): boolean {
  return rows.some((each) => each['RecordId'] === row['RecordId'])
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
  `mkdir -p ${BURST} ${SOCKETS} ${['log', 'content', 'ruled'].map((name) => `${TRACKED}/${name}`).join(' ')}`,
  `for i in $(seq 0 ${acts.length - 1}); do mkdir -p ${TRACKED}/act-$i ${OUTSIDE}/act-$i; done`,
  'box=/srv/box; mkdir -p $box/bin $box/etc $box/usr/bin $box/proc $box/sys $box/dev $box/tmp $box/run $box/root $box/var',
  'cp /bin/busybox $box/bin; ln -s busybox $box/bin/sh; echo ID=box > $box/etc/os-release',
  `touch ${TRACKED}/log/app.log; for f in a b c; do echo $f > ${TRACKED}/ruled/$f; done`,
  `printf 'port 1\npassword = first-secret\nlast line\n' > ${TRACKED}/content/app.conf`,
  `printf 'port 2\npassword = other-secret\nlast line\n' > ${OUTSIDE}/app.conf`,
  packageOf('1.0', ['a', 'b', 'gone']),
  packageOf('2.0', ['a', 'b', 'new']),
].join('\n')

/** Commands that build a package: its files hold its version, but for one that is always the same. */
function packageOf(version: string, names: readonly string[]): string {
  const [root, folder] = [`${OUTSIDE}/journey-${version}`, `${OUTSIDE}/journey-${version}${TRACKED}/package`]
  const control = `Package: tidemark-journey\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: Journey <journey@example.org>\\nDescription: made by a test\\n`
  return [
    `mkdir -p ${root}/DEBIAN ${folder}; printf '${control}' > ${root}/DEBIAN/control; echo same > ${folder}/same`,
    ...names.map((name) => `echo ${version} > ${folder}/${name}`),
    `dpkg-deb --root-owner-group --build ${root} ${root}.deb > /dev/null`,
  ].join('\n')
}

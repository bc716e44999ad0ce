import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { chromiumPath, whyNoBrowser } from './machine/browser.ts'
import { BootedMachine, whyNoMachine } from './machine/booted-machine.ts'
import { type AnswerRow, clone, RunningTidemark } from 'tidemark/testing'

// Goal: from a touched file, a package and a unit to rows in KQL, over HTTP and in a browser. Method: all of Tidemark in a
// real Debian 12 with systemd, booted for this test; nothing in between is replaced.

const missing = whyNoMachine()
const noBrowser = whyNoBrowser()
const FILES = '/srv/tracked'

describe.skipIf(missing)(`a Debian machine${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let shared = ''
  let machine: BootedMachine
  let tidemark: RunningTidemark
  let browser: Browser | undefined
  let page: Page | undefined
  const complaints: string[] = []

  beforeAll(async () => {
    mkdirSync('/var/tmp/tidemark-tests', { recursive: true })
    shared = mkdtempSync('/var/tmp/tidemark-tests/state-')
    machine = await BootedMachine.boot({ readOnly: [clone], writable: [shared] })
    await machine.run('mkdir', '-p', FILES)
    await machine.run(
      'sh',
      '-c',
      `echo one > ${FILES}/edited; echo one > ${FILES}/removed; echo one > ${FILES}/guarded`,
    )
    tidemark = await RunningTidemark.start({ machine, state: shared })
    await tidemark.track('journey', [FILES])
    await tidemark.queryUntil(
      `ConfigurationData | where FileSystemPath startswith "${FILES}/"`,
      (rows) => rows.length >= 3,
    )
    if (noBrowser) return
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
    page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(`${tidemark.answer.portal}/#token=${tidemark.answer.token}`)
    await page.getByRole('heading', { name: 'Change tracking' }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await tidemark?.[Symbol.asyncDispose]()
    await machine?.[Symbol.asyncDispose]()
    rmSync(shared, { recursive: true, force: true })
  })

  /** The changes of one thing, oldest first, when there are as many as expected. */
  async function changesOf(column: string, value: string, count: number): Promise<AnswerRow[]> {
    const text = `ConfigurationChange | where ${column} == ${JSON.stringify(value)} | sort by TimeGenerated asc, Sequence asc`
    return await tidemark.queryUntil(text, (rows) => rows.length >= count)
  }

  test('the baseline is inventory, and no change', async () => {
    expect(await tidemark.query('ConfigurationChange | count')).toEqual([{ Count: 0 }])
    const counts = await tidemark.query(
      'ConfigurationData | summarize n = count() by ConfigDataType | sort by ConfigDataType asc',
    )
    expect(counts.map((row) => row['ConfigDataType'])).toEqual(['Daemons', 'Files', 'Software'])
  })

  test('software and daemons equal the described commands, item by item', async () => {
    const dpkg = await machine.run(
      'dpkg-query',
      '-W',
      '-f',
      '${Package}|${Version}|${Architecture}|${db:Status-Status}\n',
    )
    const packages = dpkg
      .split('\n')
      .filter((line) => line.endsWith('|installed'))
      .map((line) => line.replace(/\|installed$/, ''))
    const software = await tidemark.query(
      'ConfigurationData | where ConfigDataType == "Software" | summarize arg_max(TimeGenerated, *) by SoftwareName, Architecture',
    )
    expect(
      software.map((row) => `${row['SoftwareName']}|${row['CurrentVersion']}|${row['Architecture']}`).sort(),
    ).toEqual(packages.sort())
    // The described command; its names are quoted, for a shell would take *.service for files.
    const described = await machine.run(
      'sh',
      '-c',
      'systemctl -a list-unit-files "*.service" | grep .service | grep -v "@" | awk \'{print $1}\' | xargs systemctl -a --no-pager --no-legend -p "Names,WantedBy,Description,SubState,FragmentPath,UnitFileState" show',
    )
    const daemons = await tidemark.query(
      'ConfigurationData | where ConfigDataType == "Daemons" | summarize arg_max(TimeGenerated, *) by SvcName',
    )
    const capitalised = (word = ''): string => word.slice(0, 1).toUpperCase() + word.slice(1)
    const expected = described
      .split(/\n\n+/)
      .filter((block) => block.includes('Names='))
      .map((block) =>
        Object.fromEntries(
          block
            .trim()
            .split('\n')
            .map((line): [string, string] => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
        ),
      )
      .map((unit) => ({
        SvcName: (unit['Names'] ?? '').split(' ')[0]?.replace(/\.service$/, ''),
        SvcDescription: unit['Description'],
        SvcStartupType: capitalised(unit['UnitFileState']),
        SvcRunlevels: unit['WantedBy'],
        SvcPath: unit['FragmentPath'],
        SvcController: 'systemd',
      }))
    // States move while the two look; everything else stands still.
    const ours = daemons.map((row) =>
      Object.fromEntries(Object.keys(expected[0] ?? {}).map((name) => [name, row[name] ?? ''])),
    )
    const byName = (one: { SvcName?: unknown }, other: { SvcName?: unknown }): number =>
      String(one.SvcName) < String(other.SvcName) ? -1 : 1
    const unique = [
      ...new Map(expected.map((unit) => [unit.SvcName, { ...unit, SvcRunlevels: unit.SvcRunlevels ?? '' }])).values(),
    ]
    expect(unique.length).toBeGreaterThan(20)
    expect(ours.sort(byName)).toEqual(unique.sort(byName))
  })

  test('a file that is edited, added, removed, or has its mode changed', async () => {
    await machine.run(
      'sh',
      '-c',
      `echo two >> ${FILES}/edited; echo new > ${FILES}/added; rm ${FILES}/removed; chmod 600 ${FILES}/guarded`,
    )
    const [edited] = await changesOf('FileSystemPath', `${FILES}/edited`, 1)
    expect(edited).toMatchObject({
      ConfigChangeType: 'Files',
      ChangeCategory: 'Modified',
      FieldsChanged: 'FileContentChecksum, Size, DateModified, DateChanged',
      Size: 8,
      PreviousSize: 4,
    })
    expect(edited?.['FileContentChecksum']).not.toBe(edited?.['PreviousFileContentChecksum'])
    expect((await changesOf('FileSystemPath', `${FILES}/added`, 1))[0]).toMatchObject({
      ChangeCategory: 'Added',
      Size: 4,
      FileOwner: 'root',
      FileMode: '0644',
    })
    expect((await changesOf('FileSystemPath', `${FILES}/removed`, 1))[0]).toMatchObject({
      ChangeCategory: 'Removed',
      PreviousSize: 4,
    })
    expect((await changesOf('FileSystemPath', `${FILES}/guarded`, 1))[0]).toMatchObject({
      ChangeCategory: 'Modified',
      FieldsChanged: 'DateChanged, FileMode',
      FileMode: '0600',
      PreviousFileMode: '0644',
    })
  })

  test('a package that is installed, upgraded and removed', async () => {
    for (const version of ['1.0', '2.0']) {
      const folder = join(shared, `deb-${version}`)
      mkdirSync(join(folder, 'DEBIAN'), { recursive: true, mode: 0o755 })
      const control = [
        'Package: tidemark-journey',
        `Version: ${version}`,
        'Architecture: all',
        'Maintainer: Journey <journey@example.org>',
        'Description: made by a test',
        '',
      ]
      writeFileSync(join(folder, 'DEBIAN', 'control'), control.join('\n'))
      await machine.run('dpkg-deb', '--root-owner-group', '--build', folder, `/tmp/${version}.deb`)
    }
    await machine.run('dpkg', '-i', '/tmp/1.0.deb')
    await changesOf('SoftwareName', 'tidemark-journey', 1)
    await machine.run('dpkg', '-i', '/tmp/2.0.deb')
    await changesOf('SoftwareName', 'tidemark-journey', 2)
    await machine.run('dpkg', '-r', 'tidemark-journey')
    expect(await changesOf('SoftwareName', 'tidemark-journey', 3)).toMatchObject([
      {
        ConfigChangeType: 'Software',
        ChangeCategory: 'Added',
        Previous: '',
        Current: '1.0',
        Publisher: 'Journey <journey@example.org>',
        SoftwareType: 'Package',
        Architecture: 'all',
      },
      { ChangeCategory: 'Modified', Previous: '1.0', Current: '2.0', FieldsChanged: 'CurrentVersion' },
      { ChangeCategory: 'Removed', Previous: '2.0', Current: '' },
    ])
  })

  test('a unit that is written, enabled, started and stopped', async () => {
    const unit =
      '[Unit]\nDescription=Made by a test\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'
    await machine.run(
      'sh',
      '-c',
      `printf '${unit.replaceAll('\n', '\\n')}' > /etc/systemd/system/journey.service; systemctl daemon-reload`,
    )
    expect((await changesOf('SvcName', 'journey', 1))[0]).toMatchObject({
      ConfigChangeType: 'Daemons',
      ChangeCategory: 'Added',
      SvcState: 'Dead',
      SvcStartupType: 'Disabled',
      SvcPath: '/etc/systemd/system/journey.service',
    })
    await machine.run('systemctl', 'enable', 'journey.service')
    expect((await changesOf('SvcName', 'journey', 2))[1]).toMatchObject({
      ChangeCategory: 'Modified',
      SvcStartupType: 'Enabled',
      SvcPreviousStartupType: 'Disabled',
      SvcRunlevels: 'multi-user.target',
    })
    await machine.run('systemctl', 'start', 'journey.service')
    expect((await changesOf('SvcName', 'journey', 3))[2]).toMatchObject({
      FieldsChanged: 'SvcState',
      SvcState: 'Running',
      SvcPreviousState: 'Dead',
      Previous: 'Dead',
      Current: 'Running',
    })
    await machine.run('systemctl', 'stop', 'journey.service')
    expect((await changesOf('SvcName', 'journey', 4))[3]).toMatchObject({
      SvcState: 'Dead',
      SvcPreviousState: 'Running',
    })
  })

  test('each of them is there by the commands, too', async () => {
    const { output, code } = await tidemark.command('changes', '--since', '1h', '--json')
    expect(code).toBe(0)
    const told = output
      .trim()
      .split('\n')
      .map((line): AnswerRow => JSON.parse(line))
    expect(told.filter((row) => row['SoftwareName'] === 'tidemark-journey')).toHaveLength(3)
    expect(told.filter((row) => row['SvcName'] === 'journey')).toHaveLength(4)
    const asked = await tidemark.command(
      'query',
      '--json',
      `ConfigurationChange | where FileSystemPath startswith "${FILES}/" | summarize n = count() by ChangeCategory | sort by ChangeCategory asc`,
    )
    expect(
      asked.output
        .trim()
        .split('\n')
        .map((line): AnswerRow => JSON.parse(line)),
    ).toEqual([
      { ChangeCategory: 'Added', n: 1 },
      { ChangeCategory: 'Modified', n: 2 },
      { ChangeCategory: 'Removed', n: 1 },
    ])
    const status = await tidemark.command('status', '--json')
    expect([status.code, JSON.parse(status.output).problems]).toEqual([0, []])
    const daemons = await tidemark.command('inventory', 'daemons', '--text', 'journey', '--json')
    expect(JSON.parse(daemons.output)).toMatchObject({ SvcName: 'journey', SvcStartupType: 'Enabled' })
  })

  test('sequence numbers have no gap, and no row came twice', async () => {
    const rows = await tidemark.queryUntil(
      'union ConfigurationChange, ConfigurationData, TidemarkVisibility, TidemarkOperation | summarize n = count(), ids = dcount(RecordId), newest = max(Sequence)',
      ([row]) => row !== undefined && row['n'] === row['newest'],
    )
    expect(rows[0]).toMatchObject({ ids: rows[0]?.['n'] })
  })

  test.skipIf(noBrowser)(
    `the page shows each of them without a reload${noBrowser ? ` (skipped: ${noBrowser})` : ''}`,
    async () => {
      if (!page) throw new Error('no page')
      const row = (text: string) => page!.getByTestId('change-row').filter({ hasText: text })
      await row('journey').first().waitFor()
      expect(await row('tidemark-journey').count()).toBe(3)
      expect(await row(`${FILES}/`).count()).toBe(4)
      await machine.run('sh', '-c', `echo live > ${FILES}/live`)
      await row(`${FILES}/live`).waitFor({ timeout: 60_000 })
      await row(`${FILES}/guarded`).click()
      const details = page.getByTestId('change-details')
      await details.getByRole('tab', { name: 'Changed (2)' }).waitFor()
      const properties = await details.getByTestId('property').allInnerTexts()
      expect(properties).toHaveLength(2)
      expect(properties).toContainEqual(expect.stringMatching(/^Mode\s+0644.*\s+0600/s))
      expect(properties).toContainEqual(expect.stringMatching(/^Status last changed\s/))
      await page.keyboard.press('Escape')
      await page.getByRole('tab', { name: 'Inventory' }).click()
      await page.getByRole('tab', { name: /Linux daemons \(\d+\)/ }).click()
      await page.getByRole('searchbox', { name: 'Text' }).fill('journey')
      await page.getByTestId('inventory-row').filter({ hasText: 'Made by a test' }).waitFor()
      await page.getByRole('tab', { name: 'Machines' }).click()
      await page.getByTestId('machine-row').filter({ hasText: 'healthy' }).waitFor()
      expect(complaints).toEqual([])
    },
  )

  test('a second start goes on where the first one was', async () => {
    const before = await tidemark.query('ConfigurationChange | count')
    await tidemark[Symbol.asyncDispose]()
    tidemark = await RunningTidemark.start({ machine, state: shared })
    await machine.run('sh', '-c', `echo again > ${FILES}/again`)
    expect((await changesOf('FileSystemPath', `${FILES}/again`, 1))[0]).toMatchObject({ ChangeCategory: 'Added' })
    const epochs = await tidemark.query('ConfigurationChange | summarize dcount(BaselineEpoch), n = count()')
    expect(epochs[0]).toMatchObject({ dcount_BaselineEpoch: 1 })
    expect(Number(epochs[0]?.['n'])).toBeGreaterThan(Number(before[0]?.['Count']))
  })
})

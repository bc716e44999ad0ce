// Goal: whoever looks for one change among many finds it: by facets, as groups, in the order and with the columns of their
// choice; can hand it on as an address or a file; and can do so with keys and a screen reader alone.
// Method: as in portal.test.ts.
import { readFileSync } from 'node:fs'

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { violations } from './portal/accessible.ts'
import { fakeOperation } from './portal/fake-operation.ts'
import { fakeChanges, fakeInventory, fakeMachines } from './portal/fake-rows.ts'
import { fakeStories } from './portal/fake-stories.ts'
import { missing, OpenedPortal, PortalLab } from './portal/opened-portal.ts'

/** How long the page may take on a busy machine, in milliseconds. */
const PATIENT = { timeout: 30_000 } as const

describe.skipIf(missing !== '')(`Change tracking in Chromium${missing && ` (skipped: ${missing})`}`, () => {
  let lab: PortalLab
  let portal: OpenedPortal
  let page: Page

  beforeAll(async () => {
    lab = await PortalLab.open()
  })
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    portal = await OpenedPortal.open(lab)
    page = portal.page
    const nowMs = Date.now()
    portal.server.world.changes = [
      ...Object.values(fakeStories(nowMs)),
      ...fakeOperation(nowMs - 3_600_000),
      ...fakeChanges(300, { nowMs: nowMs - 7_200_000, spanMs: 10 * 3_600_000 }),
    ]
    portal.server.world.inventory = fakeInventory(nowMs)
    portal.server.world.machines = fakeMachines(nowMs)
  })
  afterEach(async () => {
    await portal[Symbol.asyncDispose]()
  })

  const rows = () => page.getByTestId('change-row')
  const rowOf = (text: string) => rows().filter({ hasText: text })
  const facet = (id: string) => page.getByTestId(`facet-${id}`)
  const countText = async (): Promise<string> => await page.getByTestId('change-count').innerText()

  test('a package operation is one line that opens into its files, and the copied link shows it open', async () => {
    await portal.enter()
    const line = rowOf('openssl +1')
    await line.waitFor()
    expect(await line.innerText()).toMatch(
      /openssl \+1 · 302 changes[^]*2 packages[^]*299 matches package[^]*1 differs from package/,
    )
    expect(await rowOf('/usr/lib/openssl/file-').count()).toBe(0)
    await line.click()
    await rowOf('/usr/lib/openssl/file-299').first().waitFor()
    expect(await line.getAttribute('aria-expanded')).toBe('true')
    await page.reload()
    await rowOf('/usr/lib/openssl/file-299').first().waitFor()
    await line.focus()
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => rowOf('/usr/lib/openssl/file-').count(), PATIENT).toBe(0)
    await facet('operation').getByRole('checkbox').check()
    await expect.poll(countText, PATIENT).toBe('302 changes')
    await facet('verdict').getByLabel('differs from package').check()
    await expect.poll(countText, PATIENT).toBe('1 change')
    await rows().first().click()
    const details = page.getByTestId('change-details')
    await details.getByTestId('package').getByText('openssl 3.0.15-1').waitFor()
    await details.getByTestId('package').getByText('it was a file of 12 bytes').waitFor()
  })

  test('where the operation itself is recorded, its line tells command, outcome and who asked for it', async () => {
    portal.server.world.operations = [
      {
        TimeGenerated: new Date().toISOString(),
        Computer: 'alpha',
        OperationId: 'operation-1',
        OperationSource: 'apt',
        Outcome: 'completed',
        CommandLine: 'apt-get upgrade \u202e -y',
        RequestedBy: 'alice (1000)',
        PackageCount: 2,
      },
    ]
    await portal.enter()
    const line = rowOf('apt-get upgrade')
    await line.waitFor()
    expect(await line.innerText()).toMatch(
      /apt-get upgrade \\u202e -y · 302 changes[^]*2 packages · completed · 299 matches package[^]*alice \(1000\)/,
    )
  })

  test('a daemon that goes up and down is one line', async () => {
    await portal.enter()
    await rowOf('flapper').first().waitFor()
    expect(await rowOf('flapper').innerText()).toMatch(/flapper · 12 changes of state[^]*Running, Failed/)
    await rowOf('flapper').click()
    await expect.poll(() => rowOf('Running → Failed').count(), PATIENT).toBe(6)
  })

  test('a folder is gone into step by step, and out again', async () => {
    await portal.enter()
    await facet('prefix').getByRole('button', { name: '/usr' }).click()
    await facet('prefix').getByRole('button', { name: '/lib' }).click()
    await expect.poll(countText, PATIENT).toBe('300 changes')
    expect(page.url()).toContain('prefix=%2Fusr%2Flib')
    await facet('prefix').getByRole('button', { name: 'Up to /usr' }).click()
    await expect.poll(countText, PATIENT).toBe('301 changes')
    await page.getByRole('button', { name: 'Take away the filter Below: /usr' }).click()
    await expect.poll(() => new URL(page.url()).search, PATIENT).toBe('')
  })

  test('columns are chosen and sorted, and the address says so', async () => {
    await portal.enter('/?type=Files&prefix=%2Fetc')
    await page.getByRole('button', { name: 'Item', exact: true }).click()
    await expect.poll(async () => await rows().first().innerText(), PATIENT).toContain('/etc/<img')
    await page.getByRole('button', { name: 'Item', exact: true }).click()
    await expect.poll(async () => await rows().first().innerText(), PATIENT).toContain('/etc/touched')
    expect(await page.getByRole('columnheader', { name: 'Item' }).getAttribute('aria-sort')).toBe('descending')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Found by' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Category' }).click()
    await page.keyboard.press('Escape')
    const heads = async () => await page.getByRole('columnheader').allInnerTexts()
    await expect.poll(heads, PATIENT).toEqual(['Time', 'Machine', 'Type', 'Item', 'What changed', 'Who', 'Found by'])
    const copied = page.url()
    await page.goto('about:blank')
    await page.goto(copied)
    await expect.poll(heads, PATIENT).toEqual(['Time', 'Machine', 'Type', 'Item', 'What changed', 'Who', 'Found by'])
    await expect.poll(async () => await rows().first().innerText(), PATIENT).toContain('/etc/touched')
  })

  test('what is shown is exported as CSV and as NDJSON', async () => {
    await portal.enter('/?type=Software')
    await rows().first().waitFor()
    const exported = async (kind: string): Promise<string> => {
      await page.getByRole('button', { name: 'Export' }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: kind }).click(),
      ])
      return readFileSync(await download.path(), 'utf8')
    }
    const csv = (await exported('As CSV')).trimEnd().split('\r\n')
    const shown = Number((await countText()).replaceAll(/\D/g, ''))
    expect(csv).toHaveLength(shown + 1)
    expect(csv[0]).toMatch(/^TimeGenerated,Computer,ConfigChangeType,ChangeCategory,FileSystemPath,SoftwareName/)
    const lines = (await exported('As NDJSON')).trimEnd().split('\n')
    expect(lines).toHaveLength(shown)
    expect(JSON.parse(lines[0]!)).toMatchObject({ ConfigChangeType: 'Software' })
  })

  test('the details tell the item’s history, and which other machines have the same change', async () => {
    const [nowMs, path] = [Date.now(), '/etc/shared.conf']
    const shared = (Computer: string, minutes: number, FileContentChecksum: string) => ({
      TimeGenerated: new Date(nowMs - minutes * 60_000).toISOString(),
      Computer,
      FileContentChecksum,
      ConfigChangeType: 'Files',
      ChangeCategory: 'Modified',
      FileSystemPath: path,
      FieldsChanged: 'FileContentChecksum',
      RecordId: `${Computer}-${minutes}`,
    })
    portal.server.world.changes = [
      shared('alpha', 1, 'new'),
      shared('gamma', 2, 'new'),
      shared('delta', 3, 'other'),
      shared('alpha', 9, 'old'),
    ]
    await portal.enter('/?change=alpha-1')
    const details = page.getByTestId('change-details')
    await details.getByRole('tab', { name: 'History' }).click()
    await expect.poll(() => details.getByTestId('related-row').count(), PATIENT).toBe(2)
    await details.getByRole('tab', { name: 'Other machines' }).click()
    await expect.poll(() => details.getByTestId('related-row').allInnerTexts(), PATIENT).toHaveLength(1)
    expect(await details.getByTestId('related-row').innerText()).toContain('gamma')
    await details.getByTestId('related-row').getByRole('button').click()
    await expect.poll(() => page.url(), PATIENT).toContain('change=gamma-2')
  })

  test('chart, facets, table and details are there for keys and for screen readers', async () => {
    await portal.enter('/?type=Files')
    await rows().first().waitFor()
    await facet('account').getByLabel('alice').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByText('The chart as a table').click()
    const sum = async (): Promise<number> => {
      const cells = await page.getByTestId('chart-table').locator('td:last-child').allInnerTexts()
      return cells.reduce((total, text) => total + Number(text.replaceAll(/\D/g, '')), 0)
    }
    expect(await sum()).toBe(Number((await countText()).replaceAll(/\D/g, '')))
    // One stop for the whole chart; its arrows go from bar to bar, Enter zooms.
    await page.getByTestId('bar').last().focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).searchParams.has('from'), PATIENT).toBe(true)
    await page.goBack()
    await page.emulateMedia({ colorScheme: 'dark' })
    await rows().first().focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('change-details').getByRole('tab', { name: 'History' }).waitFor()
    expect(await violations(page)).toEqual([])
  })
})

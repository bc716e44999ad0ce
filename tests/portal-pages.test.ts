// Goal: Inventory, Machines and Logs answer what people come for, and each of them can be used with keys alone, by a screen
// reader, on a telephone, and behind a proxy that serves the portal below a path of its own.
// Method: as in portal.test.ts.
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { violations } from './portal/accessible.ts'
import { fakeChanges, fakeInventory, fakeMachines, type FakeRow } from './portal/fake-rows.ts'
import { missing, OpenedPortal, PortalLab } from './portal/opened-portal.ts'

/** How long the page may take on a busy machine, in milliseconds. */
const PATIENT = { timeout: 30_000 } as const
const HOUR_MS = 3_600_000

describe.skipIf(missing !== '')(`the other pages in Chromium${missing && ` (skipped: ${missing})`}`, () => {
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
    portal.server.world.changes = fakeChanges(120, { nowMs, spanMs: 10 * HOUR_MS })
    portal.server.world.inventory = [...fakeInventory(nowMs), ...oldOpenssl(nowMs)]
    portal.server.world.machines = fakeMachines(nowMs)
    portal.server.world.visibility = missed(nowMs)
  })
  afterEach(async () => {
    await portal[Symbol.asyncDispose]()
  })

  test('which machines still have the old openssl, and which have none', async () => {
    await portal.enter('/inventory?text=openssl')
    const items = page.getByTestId('inventory-row')
    await expect.poll(() => items.allInnerTexts(), PATIENT).toHaveLength(2)
    await items.filter({ hasText: '1.1.1' }).click()
    const item = page.getByTestId('item-details')
    await item.getByText('1 of 4 machines').waitFor()
    await item.getByRole('tab', { name: 'With it (1)' }).click()
    expect(await item.getByTestId('machine-with').innerText()).toContain('delta')
    await item.getByRole('tab', { name: 'Without it (3)' }).click()
    expect(await item.getByTestId('machine-without').allInnerTexts()).toEqual([
      'epsilon\t3.0.15-1',
      'alpha\tnot there',
      'gamma\tnot there',
    ])
    expect(await violations(page)).toEqual([])
    await item.getByRole('tab', { name: 'Versions (2)' }).click()
    await item.getByRole('button', { name: '3.0.15-1' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('item'), PATIENT).toBe('openssl\n3.0.15-1')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Machines', exact: true }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url(), PATIENT).toContain('sort=Machines')
  })

  test('which machine stopped reporting, and what was missed there', async () => {
    await portal.enter('/machines')
    const machines = page.getByTestId('machine-row')
    await expect
      .poll(async () => await machines.first().innerText(), PATIENT)
      .toMatch(/gamma\s+silent\s+12 min ago\s+40\s+2/)
    await page.getByLabel('Status').selectOption('silent')
    await expect.poll(() => machines.count(), PATIENT).toBe(1)
    await machines.first().focus()
    await page.keyboard.press('Enter')
    const details = page.getByTestId('machine-details')
    await details.getByRole('tab', { name: 'Gaps (2)' }).click()
    await details.getByTestId('time-line').getByText('watch-overflowed').waitFor()
    expect(await details.getByTestId('gap').allInnerTexts()).toHaveLength(2)
    expect(await details.getByTestId('gap').first().innerText()).toContain('/etc/<b>x</b>')
    expect(await violations(page)).toEqual([])
    await details.getByRole('tab', { name: 'Last changes' }).click()
    await expect.poll(() => details.getByTestId('machine-change').count(), PATIENT).toBe(40)
    await details.getByTestId('machine-change').getByRole('link').first().click()
    await page.getByTestId('change-details').getByRole('tab', { name: 'History' }).waitFor()
  })

  test('a query runs, its mistakes are told in their place, its chart and its rows are there', async () => {
    await portal.enter('/logs')
    const editor = page.getByRole('textbox', { name: 'Query in KQL' })
    await editor.click()
    // At once: while one types, Enter may take what completion offers.
    await page.keyboard.insertText('ConfigurationChange\n| where Komputer == 1')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Enter')
    await page
      .getByTestId('mistakes')
      .getByText(/Line 2, column 9/)
      .waitFor()
    expect(await page.locator('.cm-lintRange-error').innerText()).toBe('Komputer')
    portal.forgive('400')
    await page.getByRole('button', { name: 'Changes over time, as a chart' }).click()
    await page.getByTestId('result-chart').waitFor()
    await page
      .getByTestId('result-head')
      .getByText(/^\d+ rows$/)
      .waitFor()
    expect(new URL(page.url()).searchParams.get('query')).toContain('render columnchart')
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Name of the query').fill('mine')
    await page.keyboard.press('Enter')
    await page.reload()
    await page.getByTestId('result-chart').waitFor()
    await page.getByText('Saved', { exact: true }).click()
    await page.getByRole('button', { name: 'mine', exact: true }).waitFor()
    await page.getByTestId('result-row').first().click()
    await page.getByTestId('result-details').getByText('ConfigChangeType').waitFor()
  })

  test('the view goes from Change tracking to Logs, and a cancelled query says so', async () => {
    await portal.enter('/?type=Software')
    await page.getByTestId('open-in-logs').click()
    await expect.poll(() => page.getByTestId('result-head').innerText(), PATIENT).toMatch(/^24 rows/)
    const editor = page.getByRole('textbox', { name: 'Query in KQL' })
    expect(await editor.innerText()).toContain('where TimeGenerated >= ago(24h)')
    const held = portal.server.hold()
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText(/^Cancelled/).waitFor()
    held()
  })

  test('completion offers the columns of the table that is asked for', async () => {
    await portal.enter('/logs')
    await page.getByRole('textbox', { name: 'Query in KQL' }).click()
    await page.keyboard.type('Heartbeat | where OSNa')
    await page.getByRole('option', { name: 'OSName' }).click()
    await expect.poll(() => page.getByRole('textbox', { name: 'Query in KQL' }).innerText()).toContain('where OSName')
  })

  test('Ctrl+K finds machines, packages and pages with keys alone; About tells what is kept', async () => {
    await portal.enter()
    await page.keyboard.press('Control+k')
    const find = page.getByTestId('find')
    await find.getByRole('combobox').fill('openssl')
    await expect.poll(() => find.getByTestId('find-hit').allInnerTexts(), PATIENT).toHaveLength(2)
    expect(await find.getByTestId('find-hit').first().innerText()).toMatch(/Software\s+openssl\s+2 machines/)
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByTestId('inventory-row').count(), PATIENT).toBe(2)
    await page.keyboard.press('Control+k')
    await find.getByRole('combobox').fill('about')
    await find.getByTestId('find-hit').first().waitFor()
    await page.keyboard.press('Enter')
    await expect
      .poll(() => page.getByTestId('kept-table').allInnerTexts(), PATIENT)
      .toContainEqual(expect.stringMatching(/^ConfigurationChange\s+120\s+120\s[^]*\s90 days$/))
    expect(await violations(page)).toEqual([])
  })

  test('behind a proxy, below a path of its own, every page and every request stays there', async () => {
    const outside: string[] = []
    portal.server.serveBelow('/tools/tidemark')
    page.on('request', (request) => {
      if (!new URL(request.url()).pathname.startsWith('/tools/tidemark/')) outside.push(request.url())
    })
    await page.goto(`${portal.url}/tools/tidemark/#token=the-right-token`)
    await page.getByTestId('change-row').first().waitFor()
    await page.getByRole('tab', { name: 'Inventory' }).click()
    await page.getByTestId('inventory-row').first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/tools/tidemark/inventory')
    await page.reload()
    await page.getByTestId('inventory-row').first().waitFor()
    expect(outside.filter((url) => !url.startsWith('data:'))).toEqual([])
  })

  test('nothing is wider than a telephone, whatever is open', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    const widest = `Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll('.page > *, .side-pane > *')].map((one) => one.getBoundingClientRect().right))`
    for (const path of ['/logs?query=Heartbeat', '/machines?machine=gamma', '/inventory?item=openssl%0A1.1.1']) {
      await portal.enter(path)
      await page
        .getByText(/No rows|Overview|Properties/)
        .first()
        .waitFor()
      // What slides in is wider until it is there.
      await expect.poll(async () => await page.evaluate(widest), PATIENT).toBeLessThanOrEqual(360)
    }
  })
})

function oldOpenssl(nowMs: number): FakeRow[] {
  const versions = { delta: '1.1.1', epsilon: '3.0.15-1' }
  return Object.entries(versions).map(([Computer, CurrentVersion]) => ({
    Computer,
    CurrentVersion,
    TimeGenerated: new Date(nowMs).toISOString(),
    RecordId: `openssl-${Computer}`,
    ConfigDataType: 'Software',
    SoftwareName: 'openssl',
  }))
}

function missed(nowMs: number): FakeRow[] {
  const at = (hours: number): string => new Date(nowMs - hours * HOUR_MS).toISOString()
  const gap = { Computer: 'gamma', ConfigChangeType: 'Files' }
  return [
    {
      ...gap,
      TimeGenerated: at(1),
      RecordId: 'g1',
      Reason: 'unreadable',
      Subject: '/etc/<b>x</b>',
      Detail: 'no right',
    },
    { ...gap, TimeGenerated: at(20), From: at(40), To: at(20), RecordId: 'g2', Reason: 'watch-overflowed' },
    { ...gap, TimeGenerated: at(30), RecordId: 'g3', Reason: 'baseline-started' },
  ]
}

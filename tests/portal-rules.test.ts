// Goal: somebody writes a rule, looks at the forecast, saves it and sees the first rows; two who write at once lose nothing;
// what was saved can be rolled back; rules come in from Azure; and all of it with keys alone, on a telephone, in the dark.
// Method: Chromium on a real server with a real agent and real change tracking, as `tidemark up` starts them here.
// TIDEMARK_PICTURES names a folder for pictures of each state.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { RunningTidemark } from 'tidemark/testing'

import { violations } from './portal/accessible.ts'
import { missing } from './portal/opened-portal.ts'

/** How long the page may take on a busy machine, in milliseconds. */
const PATIENT = { timeout: 60_000 } as const
const pictures = process.env['TIDEMARK_PICTURES']
const rules =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tidemark/providers/Microsoft.Insights/dataCollectionRules'

describe.skipIf(missing !== '')(`rules in Chromium${missing && ` (skipped: ${missing})`}`, () => {
  let folder = ''
  let tracked = ''
  let tidemark: RunningTidemark
  let browser: Browser
  let page: Page
  let complaints: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-rules-page-'))
    tracked = join(folder, 'tracked')
    mkdirSync(tracked)
    for (const name of ['a.conf', 'b.conf', 'notes.txt']) writeFileSync(join(tracked, name), 'twelve bytes')
    tidemark = await RunningTidemark.start()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
    page.setDefaultTimeout(PATIENT.timeout)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    await page.goto(`${tidemark.answer.portal}/#token=${tidemark.answer.token}`)
    await page.getByTestId('live').getByText('Live').waitFor()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await tidemark?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  afterEach(() => {
    const said = complaints
    complaints = []
    expect(said).toEqual([])
  })

  const go = async (search = ''): Promise<void> => {
    await page.goto(`${tidemark.answer.portal}/rules${search}`)
  }
  /** The page as it is now: nothing that axe finds, and a picture where pictures are wanted. */
  const seen = async (name: string): Promise<void> => {
    expect(await violations(page)).toEqual([])
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) })
  }
  const api = async <T>(method: string, path: string, body?: unknown, headers = {}): Promise<T> => {
    const answer = await fetch(`${tidemark.answer.portal}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tidemark.answer.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return JSON.parse((await answer.text()) || 'null') as T
  }
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })

  test('a rule is written, forecast by this machine, saved, and its first rows come', async () => {
    await go()
    await page.getByTestId('rule-row').filter({ hasText: 'Microsoft-CT-DCR' }).waitFor()
    await seen('list')
    await button('New rule').focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Name').first().fill('my rule')
    await page.getByText('A name has letters').waitFor()
    await page.getByLabel('Name').first().fill('journey')
    await button('Add entry').click()
    const entry = page.getByTestId('rule-entry')
    await entry.getByRole('textbox', { name: /^Name/ }).fill('confs')
    await entry.getByRole('textbox', { name: /^Path/ }).fill('etc')
    await page.getByTestId('rule-mistakes').getByText('must be an absolute path').waitFor()
    expect(await button('Save').isDisabled()).toBe(true)
    await seen('form-mistake')
    await entry.getByRole('textbox', { name: /^Path/ }).fill(`${tracked}/*.conf`)
    await entry.getByLabel('Never track').fill('*.swp\n')
    await entry.getByLabel('Keep contents').check()
    await seen('form')
    await page.getByRole('tab', { name: 'Forecast' }).click()
    await page.getByTestId('machine-choice').first().waitFor()
    if ((await page.getByTestId('machine-choice').first().getAttribute('aria-pressed')) === 'false')
      await page.getByTestId('machine-choice').first().click()
    await button('Ask these machines').click()
    await page.getByTestId('forecast-progress').getByText('0 of 1 machine has answered').waitFor()
    await seen('forecast-waiting')
    await expect
      .poll(async () => await page.getByTestId('forecast-progress').innerText(), { timeout: 150_000 })
      .toBe('1 of 1 machine has answered')
    expect(await page.getByTestId('forecast-entry').innerText()).toMatch(/confs\s+\S+\/\*\.conf\s+2\s+24 B/)
    await seen('forecast')
    // A reload loses nothing.
    await page.reload()
    await page.getByRole('tab', { name: 'Form' }).click()
    expect(await entry.innerText()).toContain(`${tracked}/*.conf`)
    await button('Save').click()
    await page.getByRole('heading', { name: 'journey' }).waitFor()
    await page.getByRole('tab', { name: 'Machines' }).last().click()
    await button('All machines, those that come later too').click()
    await page.getByTestId('rule-machine').waitFor()
    await seen('machines')
    const rows = await tidemark.queryUntil(
      `ConfigurationData | where FileSystemPath startswith "${tracked}/"`,
      (all) => all.length >= 2,
    )
    expect(rows.map((row) => row['FileSystemPath']).sort()).toEqual([`${tracked}/a.conf`, `${tracked}/b.conf`])
  }, 300_000)
})

// Goal: somebody writes a rule, looks at the forecast, saves it and sees the first rows; two who write at once lose nothing;
// what was saved can be rolled back; rules come in from Azure; and all of it with keys alone, on a telephone, in the dark.
// Method: Chromium on a real server with a real agent and real change tracking, as `tidemark up` starts them here.
// TIDEMARK_PICTURES names a folder for pictures of each state.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type RuleDetail, ruleAround, type RuleSummary } from '@tidemark/model'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { RunningTidemark } from 'tidemark/testing'

import { violations } from './portal/accessible.ts'
import { missing } from './portal/opened-portal.ts'

/** How long the page may take on a busy machine, in milliseconds. */
const PATIENT = { timeout: 60_000 } as const
const pictures = process.env['TIDEMARK_PICTURES']

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
    if (said.length > 0) throw new Error(`nobody expected these messages:\n${said.join('\n')}`)
  })

  const go = async (search = ''): Promise<void> => {
    await page.goto(`${tidemark.answer.portal}/rules${search}`)
  }
  /** The page as it is now: nothing that axe finds, and a picture where pictures are wanted. */
  const seen = async (name: string): Promise<void> => {
    // Dialogs and menus fade in: what counts is how they come to rest.
    await expect.poll(async () => await violations(page), { timeout: 15_000 }).toEqual([])
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

  /** The rule of the journey, by what the API says. */
  const journey = async (): Promise<RuleDetail> => {
    const { rules: all } = await api<{ rules: RuleSummary[] }>('GET', '/api/rules')
    return await api<RuleDetail>('GET', `/api/rules/${all.find(({ name }) => name === 'journey')?.immutableId ?? ''}`)
  }
  const openJourney = async (tab = ''): Promise<void> => {
    await go(`?rule=${(await journey()).immutableId}${tab === '' ? '' : `&tab=${tab}`}`)
    await page.getByRole('heading', { name: 'journey' }).waitFor()
  }

  test('two who write at once lose nothing: both changes are shown, and fit together', async () => {
    await openJourney()
    await page.getByLabel('Description of the rule').fill('written here')
    const { document, id } = await journey()
    const tags = { team: 'elsewhere' }
    await api('PUT', `${id}?api-version=2022-06-01`, { ...document, tags })
    await button('Save').click()
    const conflict = page.getByTestId('rule-conflict')
    await conflict.getByText('You changed different things').waitFor()
    expect(await conflict.getByTestId('rule-difference').allInnerTexts()).toEqual([
      expect.stringMatching(/^tags\.?\S*\s+(added|changed)/),
      expect.stringMatching(/^properties\.description\s+added/),
    ])
    await seen('conflict')
    complaints = complaints.filter((text) => !text.includes('412'))
    await button('Put both together').click()
    await button('Save').click()
    await page.getByTestId('rule-saved').waitFor()
    expect((await journey()).document).toMatchObject({ tags, properties: { description: 'written here' } })
  }, 120_000)

  test('saved versions are compared and rolled back, by keys alone', async () => {
    await openJourney('history')
    await button('What changed with version 3').focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('rule-compared').getByText('written here').waitFor()
    await seen('history')
    await button('Roll back to version 1').focus()
    await page.keyboard.press('Enter')
    await page.getByText('Version 4, saved').waitFor()
    expect((await journey()).document).not.toHaveProperty('tags.team')
  }, 120_000)

  test('JSON and form are one document; JSON completes, and marks mistakes in their places', async () => {
    await openJourney('json')
    const editor = page.getByRole('textbox', { name: 'Rule as JSON' })
    await editor.waitFor()
    await seen('json')
    await editor.click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('End')
    await page.keyboard.type('\n"kin')
    await page.keyboard.press('Escape')
    await page.getByTestId('rule-mistakes').getByText('The JSON is broken').waitFor()
    await page.getByRole('tab', { name: 'Form' }).click()
    await page
      .getByTestId('rule-mistakes')
      .getByText(/Line \d+, column \d+/)
      .first()
      .waitFor()
    await seen('broken')
    await button('Mend it as JSON').click()
    await editor.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText(JSON.stringify({ kind: 'Linux', ...(await journey()).document }, null, 2))
    await page.getByRole('tab', { name: 'Form' }).click()
    await button('Add a recommended set').click()
    await seen('sets')
    await page.getByRole('menuitem', { name: /^SSH/ }).click()
    await page.getByText('SSH: 6 added.').waitFor()
    await button('Save').click()
    await page.getByTestId('rule-saved').waitFor()
    const { document, entryCount } = await journey()
    expect([document['kind'], entryCount]).toEqual(['Linux', 7])
  }, 120_000)

  test('an ARM template comes in, with what is not used said; hostile values are shown as they are', async () => {
    await go()
    await button('Import…').click()
    const dialog = page.getByTestId('rule-import')
    const hostile = '<img src=x>\u202egnp.exe'
    const entry = { name: hostile, destinationPath: `/srv/${'x'.repeat(3_000)}`, 'x-own': 1 }
    const rule = {
      type: 'Microsoft.Insights/dataCollectionRules',
      name: "[parameters('ruleName')]",
      ...ruleAround({ fileSettings: { fileInfo: [entry] } }),
    }
    const template = { parameters: { ruleName: { defaultValue: 'from template' } }, resources: [rule, { type: 'A/b' }] }
    await dialog.getByLabel('or paste its text here').fill(JSON.stringify(template))
    await dialog.getByTestId('import-notes').getByText('x-own').waitFor()
    await seen('import')
    await dialog.getByRole('button', { name: /^Open from-template/ }).click()
    await page.getByTestId('rule-unused').waitFor()
    expect(await page.getByTestId('rule-entry').innerText()).toContain('<img src=x>\\u202egnp.exe')
    await seen('hostile')
    await button('Discard changes').click()
  }, 120_000)

  test('it works on a telephone, in the dark, and for those who only read', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.emulateMedia({ colorScheme: 'dark' })
    for (const tab of ['form', 'json', 'forecast', 'machines', 'history']) {
      await openJourney(tab)
      await page.getByRole('tab', { name: 'History' }).waitFor()
      if (tab === 'history') await page.getByTestId('rule-version').first().waitFor()
      if (tab === 'forecast') await page.getByTestId('machine-choice').first().waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      await seen(`narrow-dark-${tab}`)
    }
    await go()
    await page.getByTestId('rule-row').first().waitFor()
    await seen('narrow-dark-list')
    await page.setViewportSize({ width: 2_560, height: 1_200 })
    await openJourney()
    await seen('wide-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    const { token } = await api<{ token: string }>('POST', '/api/tokens', { name: 'looks', scopes: ['read'] })
    const reader = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
    await reader.goto(`${tidemark.answer.portal}/rules?rule=${(await journey()).immutableId}#token=${token}`)
    await reader.getByText('You may look at rules, and not change them').waitFor()
    expect(await reader.getByRole('button', { name: 'Save' }).count()).toBe(0)
    expect(await violations(reader)).toEqual([])
    if (pictures !== undefined) await reader.screenshot({ path: join(pictures, 'reader.png') })
    await reader.close()
  }, 180_000)

  test('a server that is lost is told, and nothing that was typed is', async () => {
    await page.setViewportSize({ width: 1_280, height: 900 })
    await openJourney()
    await page.getByLabel('Description of the rule').fill('kept meanwhile')
    await page.context().setOffline(true)
    await button('Save').click()
    await page.getByTestId('failure').getByText('The server cannot answer').waitFor()
    await seen('away')
    await page.context().setOffline(false)
    await button('Try again').click()
    await page.getByTestId('rule-saved').waitFor()
    expect((await journey()).description).toBe('kept meanwhile')
    await button('Delete rule').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete rule' }).click()
    await expect.poll(async () => await page.getByTestId('rule-row').allInnerTexts(), PATIENT).toHaveLength(1)
    complaints = complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|404/.test(text))
  }, 120_000)
})

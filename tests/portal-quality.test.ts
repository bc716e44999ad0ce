// Goal: each page, in each of its states, is what everybody can use: axe finds nothing, nothing moves by itself, nothing is
// wider than the window from 360 px to 4K, at 200 % and from right to left, keys alone do, and no other host is asked.
// Method: the built pages in Chromium against the real server with a synthetic fleet. With TIDEMARK_SHOTS=FOLDER it also
// writes a picture of each, from which those of docs/portal.md are taken.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { runProgram } from 'tidemark'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { violations } from './portal/accessible.ts'
import { missing } from './portal/opened-portal.ts'
import { overflowOf, RealPortal, shiftsOn } from './portal/real-portal.ts'

/** How long the page may take on a busy machine, in milliseconds. */
const PATIENT = { timeout: 60_000 } as const
/** 20 machines, 20,000 changes. */
const SCALE = 0.0002
const shots = process.env['TIDEMARK_SHOTS']

const chart = 'ConfigurationChange | summarize count() by bin(TimeGenerated, 1d), ConfigChangeType | render columnchart'
const wrong = 'ConfigurationChange\n| where Colour == 1'

/** Pages and their states, by the name of their picture. */
const places: Readonly<Record<string, string>> = {
  changes: '/?span=30d',
  'changes-none': '/?text=nothing-is-called-so',
  inventory: '/inventory',
  'inventory-machines': '/inventory?tab=daemons&by=machine',
  groups: '/inventory?tab=groups',
  'groups-new': '/inventory?tab=groups&item=new',
  machines: '/machines',
  extensions: '/extensions',
  logs: '/logs',
  'logs-chart': `/logs?query=${encodeURIComponent(chart)}`,
  'logs-mistake': `/logs?query=${encodeURIComponent(wrong)}`,
  about: '/about',
}
const pagesOnly = ['changes', 'inventory', 'machines', 'extensions', 'logs-chart', 'about'] as const
/** Those whose colours are their own. */
const coloured = ['changes', 'machines', 'logs-chart'] as const

async function picture(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: join(shots, `${name}.png`) })
}

describe.skipIf(missing !== '')(`every page in Chromium${missing && ` (skipped: ${missing})`}`, () => {
  let browser: Browser
  let portal: RealPortal
  let empty: RealPortal

  beforeAll(async () => {
    browser = await RealPortal.launch()
    portal = await RealPortal.open(browser, SCALE)
    empty = await RealPortal.open(browser, 0)
    const query = 'Heartbeat\n| where Computer contains "0"'
    await portal.ask('POST', '/api/groups', { name: 'with a zero', query, description: 'most of them' })
  })
  afterAll(async () => {
    await browser?.close()
    await portal?.[Symbol.asyncDispose]()
    await empty?.[Symbol.asyncDispose]()
  })

  test('axe finds nothing and nothing moves by itself, light and dark', async () => {
    const found: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await portal.enter({ colorScheme })
      for (const [name, path] of Object.entries(places)) {
        if (colorScheme === 'dark' && !coloured.some((one) => one === name)) continue
        await portal.visit(page, path)
        await picture(page, `${name}-${colorScheme}`)
        found.push(...(await violations(page)).map((one) => `${name}, ${colorScheme}: ${one}`))
        found.push(...(await shiftsOn(page)).map((one) => `${name} moves: ${one}`))
      }
      await page.context().close()
    }
    expect(found).toEqual([])
  })

  test.each(['ltr', 'rtl'])('nothing is wider than the window (%s): telephone, zoom, 4K', async (direction) => {
    const page = await portal.enter()
    await page.addInitScript(directionScript(direction))
    const wide: string[] = []
    for (const name of pagesOnly) {
      await portal.visit(page, places[name] ?? '')
      for (const [width, height] of [
        [360, 740],
        [640, 450],
        [3_840, 2_160],
      ] as const) {
        await page.setViewportSize({ width, height })
        const pixels = await overflowOf(page)
        if (pixels > 0) wide.push(`${name} at ${width}: ${pixels} px`)
        await picture(page, `${name}-${width}-${direction}`)
      }
    }
    expect(await page.evaluate<string>('getComputedStyle(document.querySelector("h1")).direction')).toBe(direction)
    await page.context().close()
    expect(wide).toEqual([])
  })

  test('keys alone reach each table, open a row and close it, and where the focus is can be seen', async () => {
    const page = await portal.enter()
    const unseen: string[] = []
    for (const name of ['changes', 'inventory', 'groups', 'machines'] as const) {
      await portal.visit(page, places[name] ?? '')
      for (let stops = 0; stops < 80; stops += 1) {
        await page.keyboard.press('Tab')
        const focus = await page.evaluate<{ role: string; label: string; isSeen: boolean }>(FOCUS)
        if (!focus.isSeen) unseen.push(`${name}: ${focus.label}`)
        if (focus.role === 'row') break
      }
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').waitFor(PATIENT)
      if (name !== 'groups') await portal.settle(page).catch(() => undefined)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden', ...PATIENT })
      await expect.poll(async () => (await page.evaluate<{ role: string }>(FOCUS)).role, PATIENT).toBe('row')
    }
    await page.context().close()
    expect(unseen).toEqual([])
  })

  test('with forced colours and less motion everything is there and nothing moves', async () => {
    const page = await portal.enter({ forcedColors: 'active', reducedMotion: 'reduce' })
    for (const name of ['extensions', 'changes'] as const) {
      await portal.visit(page, places[name] ?? '')
      await picture(page, `${name}-forced`)
      expect(await page.evaluate<number>(LONGEST_MOTION)).toBeLessThan(0.001)
    }
    expect(
      await page.locator('.mark').first().evaluate('element => getComputedStyle(element, "::before").backgroundColor'),
    ).not.toBe('rgba(0, 0, 0, 0)')
    await page.context().close()
  })

  test('a server that is lost is told, asked again, and nothing that was typed is lost', async () => {
    const page = await portal.enter()
    await portal.visit(page, '/logs')
    await page.locator('.cm-content').click()
    await page.keyboard.type('Heartbeat | count')
    await page.context().setOffline(true)
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('failure').waitFor(PATIENT)
    expect(await page.locator('.cm-content').innerText()).toContain('Heartbeat | count')
    await picture(page, 'logs-lost')
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByTestId('result-head').getByText('1 row').waitFor(PATIENT)
    await page.context().close()
  })

  test('a machine group is made by keys and query, narrows the pages, and a copied link shows the same', async () => {
    const page = await portal.enter()
    await portal.visit(page, '/inventory?tab=groups')
    await page.getByRole('button', { name: 'New group' }).click()
    await page.getByLabel('Name').fill('one of them')
    await page.locator('.group-query .cm-content').click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Heartbeat | where Colour')
    await page.getByTestId('group-check').getByText('Colour').waitFor(PATIENT)
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Heartbeat | top 1 by Computer asc')
    await page.getByTestId('group-check').getByText('1 machine now').waitFor(PATIENT)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'one of them' }).waitFor(PATIENT)
    expect(await violations(page)).toEqual([])
    await picture(page, 'group')
    await page.getByRole('link', { name: 'Their changes' }).click()
    await portal.settle(page)
    const total = page.locator('.chart figcaption strong').first()
    await expect.poll(() => total.innerText(), PATIENT).toMatch(/^[\d,]+ changes$/)
    const told = await total.innerText()
    const other = await portal.enter()
    await other.goto(page.url())
    await expect.poll(() => other.locator('.chart figcaption strong').first().innerText(), PATIENT).toBe(told)
    await other.getByTestId('facet-group').getByText('one of them').waitFor(PATIENT)
    await page.getByTestId('open-in-logs').click()
    await page.getByTestId('result-head').waitFor(PATIENT)
    expect(await page.locator('.cm-content').innerText()).toContain('let MachineGroup1 = () {')
    await page.context().close()
    await other.context().close()
  })

  test('the editor completes, explains and formats as the language service says', async () => {
    const page = await portal.enter()
    await portal.visit(page, '/logs')
    await page.locator('.cm-content').click()
    await page.keyboard.type('ConfigurationChange|summarize count() by bin(')
    await page.locator('.kql-told strong').getByText('value').first().waitFor(PATIENT)
    await page.keyboard.type('TimeGen')
    await page.locator('.cm-tooltip-autocomplete li').getByText('TimeGenerated').first().waitFor(PATIENT)
    await picture(page, 'logs-complete')
    await page.keyboard.press('Enter')
    await page.keyboard.type(', 1d')
    await page.getByRole('button', { name: 'Format' }).click()
    await expect
      .poll(() => page.locator('.cm-content').innerText(), PATIENT)
      .toContain('| summarize count() by bin(TimeGenerated, 1d)')
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Control+i')
    await page.locator('.kql-told').getByText('(table) ConfigurationChange').waitFor(PATIENT)
    await page.context().close()
  })

  test('an empty server leads to the first machine, which the page notices', async () => {
    const page = await empty.enter()
    for (const path of ['/', '/inventory', '/extensions']) {
      await empty.visit(page, path)
      await page.getByTestId('empty').getByRole('link', { name: 'Add a machine' }).waitFor(PATIENT)
      expect(await violations(page)).toEqual([])
    }
    await picture(page, 'empty')
    await page.getByTestId('empty').getByRole('link', { name: 'Add a machine' }).click()
    await page.getByRole('button', { name: 'Make the line' }).click()
    const line = await page.getByTestId('add-machine').locator('code').first().innerText()
    expect(line).toContain(`--server ${empty.server.url} --token tm_enrol_`)
    await picture(page, 'empty-machines')
    const known = await enrolledBy(line)
    expect([known.code, known.errors]).toEqual([0, ''])
    await page.getByTestId('arrivals').getByText('is known now').waitFor(PATIENT)
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  test('no page asked another host, or complained but of what was done to it', () => {
    // The query with a mistake is answered 400, and a browser says so itself; as it does of a network that was cut.
    const wanted = /status of 400|ERR_INTERNET_DISCONNECTED/
    for (const one of [portal, empty])
      expect([one.strays, one.complaints.filter((text) => !wanted.test(text))]).toEqual([[], []])
  })
})

/** What `tidemark enroll` of the line does, with a folder of its own in place of `/`. */
async function enrolledBy(line: string): Promise<{ code: number; errors: string }> {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-enrolled-'))
  const words = /tidemark (enroll --server \S+ --token \S+)/.exec(line)?.[1]?.split(' ') ?? []
  const said = { code: 0, errors: '' }
  await runProgram([...words, '--root', root], {
    terminal: {
      isInteractive: false,
      isColoured: false,
      columns: 100,
      write: () => undefined,
      writeError: (text: string) => void (said.errors += text),
    },
    environment: {},
    folder: root,
    signal: new AbortController().signal,
    setExitCode: (code) => void (said.code = code),
  })
  rmSync(root, { recursive: true, force: true })
  return said
}

/** Runs before the page's own scripts: in which direction its words go. */
function directionScript(direction: string): string {
  return `document.addEventListener('readystatechange', () => (document.documentElement.dir = '${direction}'))`
}

/** Runs in the page: what has the focus, and whether an outline, a border of its own or a shadow shows it. */
const FOCUS = `(() => {
  const element = document.activeElement
  const around = [element, element.parentElement, element.closest('.fui-Input, .fui-Select, .fui-Tab, .cm-editor')].filter(Boolean)
  const isSeen = around.some((one) => ['', '::after', '::before'].some((part) => {
    const style = getComputedStyle(one, part)
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none' ||
      (part !== '' && style.content !== 'none' && (parseFloat(style.borderTopWidth) > 0 || parseFloat(style.borderBottomWidth) > 1))
  }))
  // A bar of the chart is drawn: its ground has a stroke.
  const ground = element.querySelector('.behind')
  const isDrawn = ground !== null && getComputedStyle(ground).stroke !== 'none'
  return { role: element.getAttribute('role') ?? '', label: element.outerHTML.slice(0, 120), isSeen: isSeen || isDrawn || element === document.body }
})()`

/** Runs in the page: seconds of the longest transition or animation. */
const LONGEST_MOTION = `Math.max(0, ...[...document.querySelectorAll('*')].flatMap((one) => {
  const { transitionDuration, animationDuration } = getComputedStyle(one)
  return [...transitionDuration.split(','), ...animationDuration.split(',')].map((text) => parseFloat(text))
}))`

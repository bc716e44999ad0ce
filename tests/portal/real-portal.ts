import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { openServer, type Server, serverSettings } from '@tidemark/server'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { pino } from 'pino'

import { fleetIn } from '../../bench/fleet/state-folder.ts'
import { builtPages } from './fake-server.ts'

/** The real server over the rows of a synthetic fleet, and a browser that looks at it. */
export class RealPortal implements AsyncDisposable {
  readonly server: Server
  readonly browser: Browser
  readonly token: string
  /** Addresses beyond the server that pages asked, and what they complained about. */
  readonly strays: string[] = []
  readonly complaints: string[] = []
  readonly #folder: string

  private constructor(server: Server, browser: Browser, folder: string) {
    this.server = server
    this.browser = browser
    this.#folder = folder
    this.token = readFileSync(server.adminTokenFile, 'utf8').trim()
  }

  /** A fleet of this scale (1 is 100,000 machines); 0 is a server that nobody reports to. */
  static async open(browser: Browser, scale: number): Promise<RealPortal> {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-real-portal-'))
    if (scale > 0) await fleetIn(folder, { scale, nowMs: Date.now() }, () => undefined)
    const settings = serverSettings.parse({ stateFolder: folder, port: 0, portalFolder: builtPages })
    const life = { clock: systemClock, log: pino({ level: 'silent' }), signal: new AbortController().signal }
    return new RealPortal(await openServer(settings, life), browser, folder)
  }

  static async launch(): Promise<Browser> {
    return await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  }

  /** A page that is signed in, in a context of its own. */
  async enter(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1_280, height: 900 }, ...options })
    const page = await context.newPage()
    this.#watch(context, page)
    await page.addInitScript(COUNT_SHIFTS)
    await page.goto(`${this.server.url}/#token=${this.token}`)
    await page.getByTestId('live').getByText('Live').waitFor()
    return page
  }

  /** Goes to a path and waits until nothing loads there any more. */
  async visit(page: Page, path: string): Promise<void> {
    await page.goto(this.server.url + path)
    await this.settle(page)
  }

  /** Waits until the page has what it asked for. */
  async settle(page: Page): Promise<void> {
    await page.locator('h1').waitFor()
    await page.locator(WAITING).first().waitFor({ state: 'hidden', timeout: 60_000 })
  }

  async ask(method: string, path: string, body?: object): Promise<Response> {
    return await fetch(this.server.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  #watch(context: BrowserContext, page: Page): void {
    context.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(`${this.server.url}/`) && !url.startsWith('data:')) this.strays.push(url)
    })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** What stands on a page while it waits for the server. */
const WAITING = '.loading, .facet-waiting, [aria-busy="true"]'

/** Runs in the page: what moved without having been asked to, and by how much. */
const COUNT_SHIFTS = `
  window.shifts = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (!entry.hadRecentInput)
        window.shifts.push(...entry.sources.map(({ node }) => String(node?.className || (node?.nodeName + ' in ' + node?.parentElement?.className)).slice(0, 60) + ' ' + String(node?.textContent).slice(0, 40) + ' ' + entry.value.toFixed(5)))
  }).observe({ type: 'layout-shift', buffered: true })
`

/** What moved on a page since it was loaded, a line each. */
export async function shiftsOn(page: Page): Promise<string[]> {
  return await page.evaluate<string[]>('window.shifts')
}

/** By how many pixels a page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

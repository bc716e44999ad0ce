import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { type Browser, chromium, type Page } from 'playwright-core'

import { builtPages, FakeServer, TOKEN } from './fake-server.ts'
import { FakeStore } from './fake-store.ts'

const CHROMIUM = '/usr/bin/chromium'

/** Why the pages cannot be driven here; empty where they can. */
export const missing = !existsSync(CHROMIUM)
  ? `no ${CHROMIUM}`
  : existsSync(join(builtPages, 'index.html'))
    ? ''
    : 'the portal is not built: npx -w packages/portal vite build'

/** A browser and a store that the tests of one file share. */
export class PortalLab implements AsyncDisposable {
  readonly browser: Browser
  readonly store: FakeStore

  private constructor(browser: Browser, store: FakeStore) {
    this.browser = browser
    this.store = store
  }

  static async open(): Promise<PortalLab> {
    const store = await FakeStore.open()
    return new PortalLab(await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] }), store)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close()
    await this.store[Symbol.asyncDispose]()
  }
}

/** A fake server with a page that looks at it. Disposing of it fails when the page complained and nobody forgave it. */
export class OpenedPortal {
  readonly server: FakeServer
  readonly url: string
  readonly page: Page
  #complaints: string[] = []

  private constructor(server: FakeServer, url: string, page: Page) {
    this.server = server
    this.url = url
    this.page = page
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.#complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.#complaints.push(String(error)))
  }

  static async open({ browser, store }: PortalLab): Promise<OpenedPortal> {
    const server = new FakeServer(store)
    const url = await server.listen()
    return new OpenedPortal(server, url, await browser.newPage({ viewport: { width: 1_280, height: 900 } }))
  }

  /** Signs in, then goes to a path. */
  async enter(path = '/'): Promise<void> {
    await this.page.goto(`${this.url}/#token=${TOKEN}`)
    await this.page.getByTestId('live').getByText('Live').waitFor()
    if (path !== '/') await this.page.goto(this.url + path)
  }

  /** Takes messages of the console that a test expected for what they are. */
  forgive(part: string): void {
    this.#complaints = this.#complaints.filter((text) => !text.includes(part))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close()
    await this.server[Symbol.asyncDispose]()
    if (this.#complaints.length > 0) throw new Error(`nobody expected these messages:\n${this.#complaints.join('\n')}`)
  }
}

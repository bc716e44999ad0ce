// Goal: whoever looks at a change of a file sees who did it, what exactly differs, and what stands in it now and before.
// Method: as in portal.test.ts, on changes that each tell one story (tests/portal/fake-stories.ts).
import { type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { fakeInventory } from './portal/fake-rows.ts'
import { fakeStories, storyContents, type StoryName } from './portal/fake-stories.ts'
import { missing, OpenedPortal, PortalLab } from './portal/opened-portal.ts'

/** How long the page may take on a busy machine, in milliseconds. */
const PATIENT = { timeout: 30_000 } as const

describe.skipIf(missing !== '')(`changes of files in Chromium${missing && ` (skipped: ${missing})`}`, () => {
  let lab: PortalLab
  let portal: OpenedPortal
  let page: Page
  let details: Locator
  let stories: ReturnType<typeof fakeStories>

  beforeAll(async () => {
    lab = await PortalLab.open()
  })
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    portal = await OpenedPortal.open(lab)
    page = portal.page
    details = page.getByTestId('change-details')
    stories = fakeStories(Date.now())
    portal.server.world.changes = Object.values(stories)
    portal.server.world.contents = storyContents
    portal.server.world.inventory = fakeInventory(Date.now())
  })
  afterEach(async () => {
    await portal[Symbol.asyncDispose]()
  })

  const open = async (name: StoryName): Promise<void> => {
    await portal.enter(`/?change=${String(stories[name]['RecordId'])}`)
    await details.getByRole('tab', { name: /^Changed/ }).waitFor()
  }
  const openContent = async (name: StoryName): Promise<void> => {
    await open(name)
    await details.getByRole('tab', { name: 'Content' }).click()
    await details.getByTestId('content').waitFor()
  }
  const rowOf = (path: string) => page.getByTestId('change-row').filter({ hasText: path })
  const line = (text: string) => details.getByTestId('diff-row').filter({ hasText: text })
  const property = async (name: string): Promise<string[]> =>
    await details
      .getByTestId('property')
      .filter({ has: page.getByRole('rowheader', { name, exact: true }) })
      .locator('td')
      .allInnerTexts()

  test('the table has who did it, and a sign where the content is kept', async () => {
    await portal.enter()
    await rowOf('/etc/ssh/sshd_config').waitFor()
    expect(await rowOf('/etc/ssh/sshd_config').innerText()).toContain('root · vim.basic')
    expect(await rowOf('/etc/app/new.conf').innerText()).toMatch(
      /renamed from \/etc\/app\/old\.conf[^]*deploy · mv \(inferred\)/,
    )
    const signs = async (path: string): Promise<number> =>
      await rowOf(path).getByRole('img', { name: 'Its content is kept' }).count()
    expect([await signs('/etc/ssh/sshd_config'), await signs('/etc/scanned')]).toEqual([1, 0])
  })

  test('changes are filtered by the account behind them, also by the one that logged in, and found by command line', async () => {
    await portal.enter()
    const rows = page.getByTestId('change-row')
    await expect.poll(() => rows.count(), PATIENT).toBe(8)
    const who = page.getByTestId('facet-account')
    await who.getByLabel('deploy').check()
    await expect.poll(() => rows.count(), PATIENT).toBe(1)
    await who.getByLabel('deploy').uncheck()
    await who.getByLabel('alice').check()
    await expect.poll(() => rows.count(), PATIENT).toBe(2)
    expect(page.url()).toContain('account=alice')
    await page.getByRole('button', { name: 'Take away the filter Who: alice' }).click()
    await page.getByRole('searchbox').fill('set nobackup')
    await expect.poll(() => rows.count(), PATIENT).toBe(1)
    await page.getByRole('searchbox').fill('old.conf')
    await rowOf('/etc/app/new.conf').waitFor()
  })

  test('who is told with program, command line, time, and how sure it is', async () => {
    await open('edited')
    const who = details.getByTestId('who')
    for (const text of [
      'root, logged in as alice',
      '/usr/bin/vim.basic',
      'process 4711',
      'session-12.scope',
      'captured',
    ])
      await who.getByText(text).first().waitFor()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await who.getByRole('button', { name: 'Copy command line' }).click()
    await who.getByText('Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('vim --cmd "set nobackup" /etc/ssh/sshd_config')
  })

  test('where the browser gives no clipboard, the command line is selected', async () => {
    await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await open('edited')
    await details.getByRole('button', { name: 'Copy command line' }).click()
    await details.getByText('Selected').waitFor()
    expect(await page.evaluate('String(getSelection())')).toBe('vim --cmd "set nobackup" /etc/ssh/sshd_config')
  })

  test('the processes up to init open with the keyboard, init first', async () => {
    await open('edited')
    const tree = details.getByTestId('process-tree')
    expect(await tree.getByRole('listitem').count()).toBe(0)
    await tree.locator('summary').focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => tree.getByRole('listitem').count(), PATIENT).toBe(5)
    const names = await tree.getByRole('listitem').locator('strong').allInnerTexts()
    expect(names).toEqual(['systemd', 'sshd', 'bash', 'sudo', 'vim.basic'])
  })

  test('what is only inferred says so and why, and further processes are named', async () => {
    await open('renamed')
    const who = details.getByTestId('who')
    await who.getByText(/mv was the only one/).waitFor()
    expect(await who.getByTestId('certainty').first().innerText()).toBe('inferred')
    await who.getByText('1 further process touched it').click()
    await who.getByText('chmod 600 new.conf').waitFor()
    await who.getByText('deploy, logged in as bob').waitFor()
  })

  test('where nobody was seen, a sentence says why', async () => {
    await open('scanned')
    const who = details.getByTestId('who')
    await who.getByText('Found by the scheduled scan: nobody was watching at that moment.').waitFor()
    expect(await who.getByTestId('certainty').innerText()).toBe('unknown')
  })

  test('a rename is told as one', async () => {
    await open('renamed')
    expect(await details.getByTestId('renamed').innerText()).toBe('Renamed from /etc/app/old.conf to /etc/app/new.conf')
    expect(await property('Path')).toEqual(['/etc/app/old.conf', '/etc/app/new.conf'])
    expect(await details.getByTestId('changed-words').innerText()).toMatch(/renamed[^]*status last changed/)
  })

  test('properties have words for people, and values that can be told apart', async () => {
    await open('edited')
    await details.getByText('Changed (9)').waitFor()
    expect(await property('Mode')).toEqual(['0644 (rw-r--r--)', '4755 (rwsr-xr-x)'])
    expect(await property('Extended attributes')).toEqual(['user.note = seen', 'user.note = seen\nuser.more = 2'])
    expect(await property('Hard links')).toEqual(['1', '2'])
    const times = await property('Content last modified')
    expect(times.map((time) => time.split('.')[1])).toEqual(['12', '25'])
    await details.getByRole('tab', { name: /^Unchanged/ }).click()
    await expect.poll(async () => await property('Inode'), PATIENT).toEqual(['5042', '5042'])
    expect(await details.getByTestId('changed-words').getByRole('listitem').count()).toBe(9)
  })

  test('two versions stand side by side, with what is hidden, cut off or only white space', async () => {
    await openContent('edited')
    expect(await line('Port 22').allInnerTexts()).toEqual(['41\t−Port 22\t41\t+Port 2222'])
    expect(await line('PermitRootLogin').innerText()).toContain('only white space')
    expect(await line('Port 22').innerText()).not.toContain('only white space')
    expect(await line('Banner').innerText()).toContain('Banner <b>\\u202eboo</b>')
    expect(await line('[redacted').locator('mark').allInnerTexts()).toEqual(['[redacted 3f2a]', '[redacted 9c01]'])
    expect(await details.getByTestId('version-Before').innerText()).toContain('1 likely secret is hidden')
    expect(await details.getByTestId('version-After').innerText()).toMatch(
      /3 likely secrets are hidden[^]*only the beginning/,
    )
    await details.getByText('37 lines the same').waitFor()
  })

  test('inline is chosen with the keyboard, and remembered', async () => {
    await openContent('edited')
    await details.getByRole('button', { name: 'Inline' }).focus()
    await page.keyboard.press('Space')
    await expect.poll(() => line('Port 22').allInnerTexts(), PATIENT).toEqual(['41\t\t−Port 22', '\t41\t+Port 2222'])
    await page.reload()
    await details.getByRole('tab', { name: 'Content' }).click()
    await expect.poll(() => line('Port 22').count(), PATIENT).toBe(2)
  })

  test('a version is downloaded under the file’s name', async () => {
    await openContent('edited')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      details.getByRole('button', { name: 'Download the version after' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('sshd_config')
    expect(download.url()).toBe(portal.url + String(stories.edited['FileContentBlobLink']))
  })

  test('whoever may not download contents, for the secrets in them, is told so', async () => {
    portal.server.world.downloadsFailing = 403
    await openContent('edited')
    await details.getByRole('button', { name: 'Download the version before' }).click()
    await details.getByText(/^You may not download contents: .* Ask whoever runs this server/).waitFor()
    portal.forgive('403')
  })

  test('the only version there is stands alone, and a long one comes in parts', async () => {
    await openContent('added')
    await details.getByText('The file is new.').waitFor()
    await expect.poll(() => details.getByTestId('diff-row').count(), PATIENT).toBe(500)
    await details.getByRole('button', { name: 'Show 500 more' }).click()
    await details.getByRole('button', { name: 'Show 300 more' }).click()
    expect(await details.getByTestId('diff-row').last().innerText()).toMatch(/1300\t.*no line feed at the end/s)
  })

  test.each([
    ['removed', ['The file is gone; this is what it held.', 'It is empty.']],
    ['touched', ['The content is the same before and after.']],
    ['binary', ['so only sizes and hashes are told', '30,720 bytes (30 KiB)']],
  ] as const)('of what was %s, the content tab tells what is to be known', async (name, texts) => {
    await openContent(name)
    for (const text of texts) await details.getByText(text).first().waitFor()
  })

  test('whoever may not see contents is told so, and what to do', async () => {
    portal.server.world.contentsFailing = 403
    await openContent('edited')
    await details.getByText('You may not see contents').waitFor()
    await details.getByText(/Ask whoever runs this server/).waitFor()
    portal.server.world.contentsFailing = 200
    await details.getByRole('button', { name: 'Try again' }).click()
    await line('Port 22').waitFor()
    portal.forgive('403')
  })

  test('a content that did not arrive, and a store that fails, are told and asked for again', async () => {
    portal.server.world.contents = new Map()
    await openContent('added')
    await details.getByText('This content is not here').waitFor()
    portal.server.world.contentsFailing = 500
    await details.getByRole('button', { name: 'Try again' }).click()
    await details.getByTestId('failure').getByText('keeps contents to itself').waitFor()
    portal.server.world.contentsFailing = 200
    portal.server.world.contents = storyContents
    await details.getByRole('button', { name: 'Try again' }).click()
    await line('line 1 of the log').first().waitFor()
    for (const status of ['404', '500']) portal.forgive(status)
  })

  test('the code of the content tab comes when the tab is opened, and not before', async () => {
    const loaded: string[] = []
    page.on('request', (request) => loaded.push(request.url()))
    await open('edited')
    expect(loaded.filter((url) => url.includes('content-tab'))).toEqual([])
    await details.getByRole('tab', { name: 'Content' }).click()
    await line('Port 22').waitFor()
    expect(loaded.some((url) => url.includes('content-tab'))).toBe(true)
  })

  test('what a machine says of processes is shown as text, whatever it is and however long', async () => {
    await open('hostile')
    await details.getByTestId('process-tree').locator('summary').click()
    expect(await page.locator('img').count()).toBe(0)
    const text = await details.innerText()
    expect(text).toContain('<img src=x onerror=alert(1)>\\u202e\\u0007')
    expect(text).not.toMatch(/\u202e|\u0007/)
    const command = details.getByTestId('who').locator('.command')
    expect((await command.innerText()).length).toBeLessThan(1_000)
    await command.getByRole('button', { name: 'Show all 10,040 characters' }).click()
    await expect.poll(async () => (await command.innerText()).length, PATIENT).toBeGreaterThan(10_000)
  })

  test('on a telephone nothing is wider than the screen, and versions stand inline', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await openContent('edited')
    await expect.poll(() => line('Port 22').count(), PATIENT).toBe(2)
    expect(await details.getByRole('button', { name: 'Inline' }).count()).toBe(0)
    const widest = `Math.max(...[...document.querySelectorAll('.side-pane *')].map((one) => one.getBoundingClientRect().right))`
    expect(await page.evaluate(widest)).toBeLessThanOrEqual(360)
  })

  test('a file of the inventory tells all that is recorded of it', async () => {
    await portal.enter('/inventory?tab=files')
    await page.getByTestId('inventory-row').first().click()
    const item = page.getByTestId('item-details')
    for (const text of ['Hard links', 'user.note = kept', 'Security label', '0644 (rw-r--r--)', 'Group tag'])
      await item.getByText(text).waitFor()
  })
})

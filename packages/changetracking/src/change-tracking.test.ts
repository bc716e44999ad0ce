import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { type ForwardMessage, type ForwardServer, listenForward, socketAddress } from '@tidemark/forward'
import { changeTrackingPlaces, socketNames } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type ChangeTracking, openChangeTracking } from './change-tracking.ts'
import { changeTrackingSettings } from './settings.ts'
import { version } from './version.ts'

const dcr = `dcr-${'0'.repeat(32)}`
const changes = `${dcr}:CTDataSource-Linux:CONFIG_CHANGE_BLOB_V2`
const inventory = `${dcr}:CTDataSource-Linux:CONFIG_DATA_BLOB_V2`

/** What an agent is to change tracking: answers for the rules, and takes messages or refuses them. */
class FakeAgent {
  readonly messages: ForwardMessage[] = []
  settings: unknown
  takes = true
  #servers: ForwardServer[] = []

  async open(directory: string): Promise<void> {
    for (const name of Object.values(socketNames))
      this.#servers.push(
        await listenForward({
          address: socketAddress(name, directory),
          clock: systemClock,
          handler: {
            onMessage: async (message) => {
              await Promise.resolve()
              if (name !== socketNames.changeTrackingLinux) return { kind: 'accepted' }
              this.messages.push(message)
              return this.takes ? { kind: 'accepted' } : { kind: 'unavailable', reason: 'full' }
            },
            onRequest: async (text) => await Promise.resolve(this.#answer(text)),
          },
        }),
      )
  }

  #answer(text: string): string {
    const { RequestId }: { RequestId: string } = JSON.parse(text)
    const configuration = {
      id: `${dcr}:CTDataSource-Linux`,
      originIds: ['/subscriptions/0/dataCollectionRules/mine'],
      extensionSettings: this.settings,
      outputStreams: { CONFIG_CHANGE_BLOB_V2: changes, CONFIG_DATA_BLOB_V2: inventory },
    }
    const TaggedData = JSON.stringify({
      extensionName: 'ChangeTracking-Linux',
      extensionConfigurations: [configuration],
    })
    return JSON.stringify({
      Request: 'AgentTaggedData',
      RequestId,
      Version: '1',
      Success: true,
      Description: '',
      TaggedData,
    })
  }

  /** Rows of a stream, each chunk once. */
  rows(stream: string): Record<string, unknown>[] {
    const byChunk = new Map(
      this.messages.filter(({ tag }) => tag === stream).map((message) => [message.chunk, message]),
    )
    return [...byChunk.values()].flatMap(({ entries }) => entries.map(({ record }) => ({ ...record })))
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server[Symbol.asyncDispose]()
  }
}

/** A busy machine may take its time. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 })

let folder = ''
let tracked = ''
let agent: FakeAgent
let tracking: ChangeTracking | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-ct-'))
  tracked = join(folder, 'tracked')
  mkdirSync(tracked)
  mkdirSync(join(folder, 's'))
  agent = new FakeAgent()
  agent.settings = settingsFor(`${tracked}/*`)
  await agent.open(join(folder, 's'))
})
afterEach(async () => {
  await tracking?.[Symbol.asyncDispose]()
  await agent.close()
  rmSync(folder, { recursive: true, force: true })
})

function settingsFor(destinationPath: unknown): unknown {
  return {
    enableSoftware: false,
    enableServices: false,
    fileSettings: { fileCollectionFrequency: 3_600, fileInfo: [{ name: 'all', destinationPath }] },
  }
}

async function start(mode: 'azure-vm' | 'arc' = 'azure-vm'): Promise<ChangeTracking> {
  const settings = changeTrackingSettings.parse({
    root: join(folder, 'root'),
    mode,
    socketsDirectory: join(folder, 's'),
    configRefreshMs: 50,
    retryMs: 20,
  })
  const log = pino({ level: 'silent' })
  tracking = await openChangeTracking(settings, { clock: systemClock, log, signal: new AbortController().signal })
  await soon(() => tracking?.status().status).not.toBe('Baseline')
  return tracking
}

const seenChanges = () =>
  agent.rows(changes).filter(({ ConfigChangeType, Type }) => ConfigChangeType === 'Files' && Type === undefined)

test('what is there at first is inventory; what changes then is told once, with before and after', async () => {
  writeFileSync(join(tracked, 'a'), 'one')
  const running = await start()
  await soon(() => agent.rows(inventory).length).toBe(1)
  expect(agent.rows(inventory)[0]).toMatchObject({
    ConfigDataType: 'Files',
    FileSystemPath: join(tracked, 'a'),
    RuleNames: '["mine"]',
  })
  expect(seenChanges()).toEqual([])
  expect(agent.rows(changes)).toMatchObject([{ Type: 'TidemarkVisibility', Reason: 'baseline-started' }])
  writeFileSync(join(tracked, 'a'), 'other')
  writeFileSync(join(tracked, 'b'), 'new')
  await running.scanNow()
  await soon(() => seenChanges().length).toBe(2)
  expect(seenChanges()).toMatchObject([
    {
      ChangeCategory: 'Modified',
      FieldsChanged: 'FileContentChecksum, Size, DateModified, DateChanged',
      Size: 5,
      PreviousSize: 3,
    },
    { ChangeCategory: 'Added', FileSystemPath: join(tracked, 'b') },
  ])
  rmSync(join(tracked, 'b'))
  await running.scanNow()
  await soon(() => seenChanges().length).toBe(3)
  expect(seenChanges()[2]).toMatchObject({
    ChangeCategory: 'Removed',
    FileSystemPath: join(tracked, 'b'),
    PreviousSize: 3,
  })
  const numbers = [...agent.rows(changes), ...agent.rows(inventory)]
    .map(({ Sequence }) => Number(Sequence))
    .sort((x, y) => x - y)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

test('a restart goes on where it was, and what the agent did not take is sent again under the same chunk', async () => {
  writeFileSync(join(tracked, 'a'), 'one')
  await start()
  await soon(() => agent.rows(inventory).length).toBe(1)
  agent.takes = false
  writeFileSync(join(tracked, 'a'), 'two!')
  await tracking?.scanNow()
  await soon(() => seenChanges().length).toBe(1)
  await tracking?.[Symbol.asyncDispose]()
  expect(existsSync(changeTrackingPlaces(join(folder, 'root')).database)).toBe(true)
  agent.takes = true
  const running = await start()
  await soon(() => running.status().outboxCount).toBe(0)
  const chunks = agent.messages.filter(({ tag }) => tag === changes).map(({ chunk }) => chunk)
  expect(new Set(chunks).size).toBeLessThan(chunks.length)
  expect(seenChanges()).toHaveLength(1)
})

test('what a rule newly asks for is a baseline, and what it asks for no more is not removed', async () => {
  writeFileSync(join(tracked, 'a.x'), '1')
  writeFileSync(join(tracked, 'a.y'), '1')
  agent.settings = settingsFor(`${tracked}/*.x`)
  const running = await start()
  agent.settings = settingsFor(`${tracked}/*.y`)
  await soon(() => readStatus()).toContain('rules')
  await new Promise((resolve) => setTimeout(resolve, 300))
  await running.scanNow()
  await soon(() => running.status().outboxCount).toBe(0)
  expect(seenChanges()).toEqual([])
  expect(agent.rows(inventory).map(({ Name }) => Name)).toEqual(['a.x', 'a.y'])
})

test('what a rule newly asks for is looked at as soon as the rule is there', async () => {
  writeFileSync(join(tracked, 'a.x'), '1')
  writeFileSync(join(tracked, 'a.y'), '1')
  agent.settings = settingsFor(`${tracked}/*.x`)
  await start()
  agent.settings = settingsFor(`${tracked}/*.y`)
  await soon(() => agent.rows(inventory).map(({ Name }) => Name)).toEqual(['a.x', 'a.y'])
})

test('without an agent the rules of the last time are in force, and what changes is kept for it', async () => {
  writeFileSync(join(tracked, 'a'), 'one')
  await start()
  await soon(() => tracking?.status().outboxCount).toBe(0)
  await tracking?.[Symbol.asyncDispose]()
  await agent.close()
  writeFileSync(join(tracked, 'a'), 'other')
  const running = await start()
  await soon(() => running.status()).toMatchObject({ status: 'Degraded', types: { Files: { count: 1 } } })
  await soon(() => running.status().outboxCount).toBeGreaterThan(0)
  await agent.open(join(folder, 's'))
  await soon(() => seenChanges()).toMatchObject([{ ChangeCategory: 'Modified', Size: 5 }])
  await soon(() => running.status().status).toBe('Ready')
})

test('a damaged state begins a new epoch, and says so', async () => {
  writeFileSync(join(tracked, 'a'), 'one')
  await start()
  await tracking?.[Symbol.asyncDispose]()
  writeFileSync(changeTrackingPlaces(join(folder, 'root')).database, Buffer.alloc(70_000, 7))
  await start()
  await soon(() => agent.rows(changes).map(({ Reason }) => Reason)).toContain('state-lost')
  expect(seenChanges()).toEqual([])
})

test('a broken entry of a rule is told with its place, and the others are in force', async () => {
  writeFileSync(join(tracked, 'a'), 'one')
  agent.settings = {
    ...(settingsFor('') as object),
    fileSettings: {
      fileInfo: [
        { name: 'broken', destinationPath: 'etc/x' },
        { name: 'all', destinationPath: `${tracked}/*` },
      ],
    },
  }
  const running = await start()
  expect(running.status()).toMatchObject({ status: 'Degraded', types: { Files: { count: 1 } } })
  await soon(() => agent.rows(changes).find(({ Reason }) => Reason === 'rule-rejected')?.['Detail']).toContain(
    'mine: fileSettings.fileInfo[0].destinationPath: must be an absolute path',
  )
})

test('a second process on the same state is refused', async () => {
  await start()
  const settings = changeTrackingSettings.parse({ root: join(folder, 'root') })
  const life = { clock: systemClock, log: pino({ level: 'silent' }), signal: new AbortController().signal }
  await expect(openChangeTracking(settings, life)).rejects.toMatchObject({ code: 'already-running' })
}, 30_000)

test.each([
  { mode: 'azure-vm' as const, below: 'var/log/azure' },
  { mode: 'arc' as const, below: 'var/lib/waagent' },
])(
  'on $mode the three JSON files are below $below',
  async ({ mode, below }) => {
    writeFileSync(join(tracked, 'a'), 'one')
    agent.settings = { ...(settingsFor(`${tracked}/*`) as object), enableSoftware: true, enableServices: true }
    const running = await start(mode)
    await running.scanNow()
    const name = 'Microsoft.Azure.ChangeTrackingAndInventory.ChangeTracking-Linux'
    const at = join(folder, 'root', below, mode === 'arc' ? `${name}-${version}` : name)
    const read = (file: string): unknown[] => JSON.parse(readFileSync(join(at, file), 'utf8'))
    await soon(() => read('File.json').length).toBe(1)
    await soon(() => Array.isArray(read('Packages.json'))).toBe(true)
    await soon(() => Array.isArray(read('Services.json'))).toBe(true)
    expect(readdirSync(join(folder, 'root', 'var'))).toEqual([below.split('/')[1]])
  },
  60_000,
)

test('the database and File.json hold the described fields', async () => {
  writeFileSync(join(tracked, 'a'), 'one')
  await start()
  await tracking?.[Symbol.asyncDispose]()
  const [file] = JSON.parse(readFileSync(changeTrackingPlaces(join(folder, 'root')).filesJson, 'utf8'))
  expect(file).toMatchObject({
    CollectionName: join(tracked, 'a'),
    FileSystemPath: join(tracked, 'a'),
    ChangeType: 'StartTracking',
    Size: 3,
    ItemType: 'File',
    Contents: '',
    IsInventorySnapShot: false,
    FileMetaDatacheckSum: expect.stringMatching(/^\d+$/),
    DateModified: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  })
})

function readStatus(): string {
  return readFileSync(join(changeTrackingPlaces(join(folder, 'root')).logFolder, 'status.json'), 'utf8')
}

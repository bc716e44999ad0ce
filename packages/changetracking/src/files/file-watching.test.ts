import { systemClock } from '@tidemark/base'
import { changeTrackingPlaces, parseExtensionSettings } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Tracking } from '../config/tracking.ts'
import type { Touch, WatchCounts, WatchInterests } from '../watch/touch.ts'
import type { Watch, WatchOptions } from '../watch/watch.ts'
import { type Actor, unknownActor } from '../who/actor.ts'
import type { FilesLooked } from './file-tracking.ts'
import { FileWatching } from './file-watching.ts'
import type { LookKind } from './files-keeper.ts'

// Goal: what the kernel tells is looked at, and what it does not tell is said. Method: a watch and looks that are not real.

class FakeWatch implements Watch {
  method: Watch['method'] = 'fanotify'
  trouble: string | undefined
  readonly counts: WatchCounts = { events: 0, kept: 0, dropped: 0, overflows: 0, gone: 0, execs: 0 }
  readonly interests: WatchInterests[] = []
  endings = 0
  readonly tell: WatchOptions

  constructor(tell: WatchOptions) {
    this.tell = tell
  }

  async watch(interests: WatchInterests): Promise<void> {
    this.interests.push(interests)
    await Promise.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.endings += 1
    await Promise.resolve()
  }
}

let stop: AbortController
let watches: FakeWatch[]
let looks: LookKind[]
let logged: string[]
/** What a look does. */
let onLook: () => void
let prepare: (watch: FakeWatch) => void
let watching: FileWatching
beforeEach(() => {
  stop = new AbortController()
  ;[watches, looks, logged] = [[], [], []]
  onLook = () => undefined
  prepare = () => undefined
  const log = pino({ base: null }, { write: (line: string) => logged.push(JSON.parse(line).msg) })
  watching = new FileWatching({
    files: {
      look: async (kind): Promise<FilesLooked> => {
        looks.push(kind)
        await Promise.resolve()
        onLook()
        return { changeCount: 0, isInventorySent: false, aliases: [] }
      },
    },
    root: '/',
    places: changeTrackingPlaces('/'),
    clock: systemClock,
    log,
    signal: stop.signal,
    openWatch: async (options) => {
      const watch = new FakeWatch(options)
      prepare(watch)
      watches.push(watch)
      return await Promise.resolve(watch)
    },
  })
})
afterEach(async () => {
  stop.abort()
  await watching[Symbol.asyncDispose]()
})

function trackingOf(more: Readonly<Record<string, unknown>> = {}): Tracking {
  const fileInfo = [{ name: 'etc', destinationPath: '/etc/*' }]
  const { settings } = parseExtensionSettings({ fileSettings: { fileInfo, ...more } })
  return { problems: [], rules: [{ id: '1', name: 'one', settings, changeStream: 'c', inventoryStream: 'i' }] }
}

/** Tells touches and waits until they were looked at. */
async function touched(...touches: readonly Touch[]): Promise<void> {
  const { length } = looks
  await watches[0]?.tell.onTouches(touches)
  await expect.poll(() => looks.length, { timeout: 10_000 }).toBe(length + 1)
  // What is behind the look happens in the same turn or the next.
  await systemClock.sleep(1)
}

const touchOf = (path: string, more: Partial<Touch> = {}): Touch => ({
  path,
  isFolder: false,
  kinds: ['content'],
  firstAtMs: 1,
  lastAtMs: 2,
  actors: [unknownActor(7, 'too quick')],
  ...more,
})

test('events that were lost are told with their times, and everything below is looked at', async () => {
  await watching.follow(trackingOf())
  await watches[0]?.tell.onOverflow({
    fromMs: 10,
    toMs: 20,
    roots: ['/etc', '/opt/\xff'],
    reason: 'the queue was full',
  })
  expect(looks).toEqual([
    {
      kind: 'touched',
      paths: [
        { path: '/etc', isDeep: true },
        { path: '/opt/\xff', isDeep: true },
      ],
      gaps: ['/etc', String.raw`/opt/\xff`].map((subject) => ({
        reason: 'watch-overflowed',
        subject,
        detail: expect.stringMatching(/not seen at once: the queue was full; it was looked at/),
        fromMs: 10,
        toMs: 20,
      })),
    },
  ])
})

test('what is touched is looked at: a file alone, a folder that came with all below, one of which only facts changed alone', async () => {
  await watching.follow(trackingOf())
  await touched(
    touchOf('/etc/a'),
    touchOf('/etc/d', { isFolder: true, kinds: ['moved-to'] }),
    touchOf('/etc/e', { isFolder: true, kinds: ['attributes'] }),
  )
  expect(looks).toEqual([
    {
      kind: 'touched',
      gaps: [],
      paths: [
        { path: '/etc/a', isDeep: false },
        { path: '/etc/d', isDeep: true },
        { path: '/etc/e', isDeep: false },
      ],
    },
  ])
})

test('what is touched again while it waits is looked at when its time has come', async () => {
  await watching.follow(trackingOf())
  await touched(touchOf('/etc/log'))
  const sinceMs = performance.now()
  await touched(touchOf('/etc/log'))
  expect(performance.now() - sinceMs).toBeGreaterThan(500)
})

test('a watch that has trouble is a gap until it is opened anew', async () => {
  prepare = (watch) => {
    watch.method = 'inotify'
    watch.trouble = 'not root'
  }
  await watching.follow(trackingOf())
  expect(watching.method).toBe('inotify')
  const gap = { reason: 'watch-unavailable', subject: 'watch', detail: 'not root' }
  expect(watching.gaps).toEqual([gap])
  watches[0]?.tell.onBlind({ root: '/etc/nfs', reason: 'a network file system' })
  watches[0]?.tell.onBlind({ root: '/etc/nfs', reason: 'still a network file system' })
  const blind = { reason: 'watch-unavailable', subject: '/etc/nfs', detail: 'still a network file system' }
  expect(watching.gaps).toEqual([gap, blind])
  // What is watched is looked at anew: what is still blind is told anew.
  await watching.follow(trackingOf())
  expect(watching.gaps).toEqual([gap])
})

test('a look that fails is logged, and the next one works', async () => {
  await watching.follow(trackingOf())
  onLook = () => {
    throw new Error('the disk is full')
  }
  await touched(touchOf('/etc/a'))
  expect(logged).toEqual(['what was touched could not be looked at; the next scan finds it'])
  onLook = () => undefined
  await touched(touchOf('/etc/b'))
  expect(looks.map((look) => look.kind === 'touched' && look.paths[0]?.path)).toEqual(['/etc/a', '/etc/b'])
  expect(logged).toHaveLength(1)
})

test('who changed a path is told while it is looked at; of what came with a folder, whoever moved that', async () => {
  await watching.follow(trackingOf())
  const who: Record<string, unknown>[] = []
  onLook = () => {
    for (const path of ['/etc/a', '/etc/d/deep/x', '/etc/e/x', '/etc/other']) who.push(watching.who(path))
  }
  await touched(
    touchOf('/etc/a'),
    touchOf('/etc/d', { isFolder: true, kinds: ['moved-to'], actors: [unknownActor(8, '')] }),
    touchOf('/etc/e', { isFolder: true, kinds: ['attributes'] }),
  )
  expect(who.map((columns) => [columns['InitiatingProcessId'], columns['DetectedBy']])).toEqual([
    [7, 'watch'],
    [8, 'watch'],
    [undefined, undefined],
    [undefined, undefined],
  ])
  expect(who.at(-1)).toEqual({
    InitiatingProcessCertainty: 'unknown',
    InitiatingProcessNote: expect.stringMatching(/^found by a scan: no event was seen: /),
  })
  // It was looked at; what a scan finds now is something else.
  expect(watching.who('/etc/a')).not.toHaveProperty('InitiatingProcessId')
})

test('whoever made a folder is inferred for what was found in it', async () => {
  await watching.follow(trackingOf())
  let who: Readonly<Record<string, unknown>> = {}
  onLook = () => void (who = watching.who('/etc/d/x'))
  const maker: Actor = { ...unknownActor(9, ''), certainty: 'captured' }
  await touched(touchOf('/etc/d', { isFolder: true, kinds: ['created'], actors: [maker] }))
  expect([who['InitiatingProcessId'], who['InitiatingProcessCertainty'], who['InitiatingProcessNote']]).toEqual([
    9,
    'inferred',
    'found with its folder /etc/d, which this process made',
  ])
})

test('why nobody is known is said as it is', async () => {
  const note = (): unknown => watching.who('/x')['InitiatingProcessNote']
  expect(note()).toBe('found by a scan: the rules ask for no watch')
  prepare = (watch) => {
    watch.method = 'none'
    watch.trouble = 'the kernel cannot be asked'
  }
  await watching.follow(trackingOf())
  expect(note()).toBe('found by a scan: the kernel cannot be asked')
})

test('what is watched are entries, excludes and links, never what the programs write themselves', async () => {
  await watching.follow(trackingOf({ exclude: ['*.swp'] }))
  await watching.followLinks([['/usr/lib', '/lib']])
  await watching.followLinks([['/usr/lib', '/lib']])
  const interests = watches[0]?.interests ?? []
  expect(interests.map(({ aliases }) => aliases)).toEqual([[], [{ real: '/usr/lib', tracked: '/lib' }]])
  expect(interests[0]?.entries.map(({ destinationPath }) => destinationPath)).toEqual(['/etc/*'])
  expect(interests[0]?.excludes).toEqual(['*.swp'])
  expect(interests[0]?.ignore.length).toBeGreaterThan(0)
})

test('rules that ask for no watch end it, and after the end nothing is opened', async () => {
  await watching.follow(trackingOf())
  await watching.follow({ problems: [], rules: [] })
  expect([watching.method, watches[0]?.endings]).toEqual(['off', 1])
  stop.abort()
  await watching.follow(trackingOf())
  expect(watches).toHaveLength(1)
})

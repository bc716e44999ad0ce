import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { parseExtensionSettings } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { TriedMachine } from '../testing/tried-machine.ts'
import { SoftwareWatching } from './watching.ts'

let machine: TriedMachine
let looks: string[]
let watching: SoftwareWatching
let softwareSettings: object
beforeEach(() => {
  machine = new TriedMachine({
    'var/lib/dpkg/status': '1',
    'var/lib/dpkg/updates/tmp.i': '',
    'lib/apk/db/installed': '',
  })
  looks = []
  softwareSettings = {}
  watching = new SoftwareWatching({
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    machine: machine.machine,
    rules: () => [parseExtensionSettings({ softwareSettings })],
    look: async () => {
      looks.push(machine.machine.tree.read('/var/lib/dpkg/status', 100)?.toString() ?? 'none')
      await Promise.resolve()
    },
  })
  watching.renew()
})
afterEach(async () => {
  await watching[Symbol.asyncDispose]()
  machine[Symbol.dispose]()
})

const soon = <T>(read: () => T) => expect.poll(read, { timeout: 15_000 })
const replaceStatus = (text: string): void => {
  machine.write('var/lib/dpkg/status-new', text)
  renameSync(join(machine.root, 'var/lib/dpkg/status-new'), join(machine.root, 'var/lib/dpkg/status'))
}

test('a database that was replaced is looked at once, and noise beside it is not', async () => {
  machine.write('var/lib/dpkg/available', 'noise')
  machine.write('var/lib/dpkg/updates/tmp.i', 'noise')
  for (const text of ['2', '3', '4']) replaceStatus(text)
  await soon(() => looks).toEqual(['4'])
  machine.write('lib/apk/db/installed', 'x')
  await soon(() => looks).toEqual(['4', '4'])
  replaceStatus('5')
  await soon(() => looks).toEqual(['4', '4', '5'])
})

// Mutants tried: no wait for the lock, no second look after one while it was held. Both were found.
test('while a package manager holds its lock it is waited for', async () => {
  machine.locked.add('/var/lib/dpkg/lock-frontend')
  replaceStatus('in the middle')
  machine.write('var/lib/dpkg/updates/0000', 'x')
  await systemClock.sleep(600)
  expect(looks).toEqual([])
  replaceStatus('done')
  machine.locked.clear()
  await soon(() => looks).toEqual(['done'])
})

test('one that holds it for long is looked at in between, and when it lets go', async () => {
  machine.locked.add('/var/lib/dpkg/lock')
  replaceStatus('a long script runs')
  await soon(() => looks).toEqual(['a long script runs'])
  machine.locked.clear()
  await soon(() => looks).toEqual(['a long script runs', 'a long script runs'])
})

test('a folder that comes later, or goes and comes again, is watched from the next look on', async () => {
  expect(watching.size).toBe(3)
  mkdirSync(join(machine.root, 'var/lib/pacman/local'), { recursive: true })
  watching.renew()
  expect(watching.size).toBe(5)
  rmSync(join(machine.root, 'lib/apk/db'), { recursive: true })
  await soon(() => looks.length).toBeGreaterThan(0)
  await soon(() => watching.size).toBe(4)
  machine.write('lib/apk/db/installed', '')
  watching.renew()
  expect(watching.size).toBe(5)
  const before = looks.length
  machine.write('lib/apk/db/installed', 'y')
  await soon(() => looks.length).toBeGreaterThan(before)
})

test('rules that ask for no watch have none', () => {
  softwareSettings = { watch: false }
  watching.renew()
  expect(watching.size).toBe(0)
})

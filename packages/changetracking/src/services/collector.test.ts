import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Collection, Item } from '../collector.ts'
import type { Ran, RunCommand } from '../host/run.ts'
import { openTree } from '../host/tree.ts'
import { servicesCollector } from './collector.ts'
import { UNITS_ASKED_MAX } from './systemd.ts'

const ran = (output: string, code = 0, complaint = ''): Ran => ({ kind: 'ran', code, output, complaint })
const shown = (unit: string): string => `Names=${unit}\nDescription=d\nSubState=dead\nUnitFileState=static\n`

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-services-'))
  mkdirSync(join(root, 'run/systemd/system'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A look at a machine that says systemd runs, but on which nobody listens. */
async function look(run: RunCommand, known = new Map<string, Item>()): Promise<Collection> {
  const machine = { tree: openTree(root), clock: systemClock, userId: 0, run }
  return await servicesCollector(machine).collect(known, new AbortController().signal, [])
}

test('where systemd cannot be asked, the command is: in batches, and a record says so', async () => {
  const units = Array.from({ length: UNITS_ASKED_MAX + 1 }, (_, index) => `unit-${index}.service`)
  const asked: number[] = []
  const { items, isComplete, gaps } = await look(async (_program, words) => {
    if (words[0] === 'list-unit-files') return ran(units.map((unit) => `${unit} static -`).join('\n'))
    const names = words.slice(words.indexOf('--') + 1)
    asked.push(names.length)
    return ran(names.map(shown).join('\n'))
  })
  expect([items.size, isComplete, asked]).toEqual([UNITS_ASKED_MAX + 1, true, [UNITS_ASKED_MAX, 1]])
  expect(gaps.map(({ reason }) => reason)).toEqual(['watch-unavailable'])
  expect(gaps[0]?.detail).toContain('/run/systemd/private cannot be used')
})

test('what the command does not tell stays as it was known', async () => {
  const item = (columns: Item['columns']): Item => ({ columns, coveredBy: ['services'] })
  const known = new Map([
    ['a', item({ SvcName: 'a', SvcState: 'Running', SvcAccount: 'www-data', SvcRestarts: 3 })],
    ['getty@tty1', item({ SvcName: 'getty@tty1' })],
    ['apt.timer', item({ SvcName: 'apt.timer' })],
    ['gone', item({ SvcName: 'gone' })],
  ])
  const command: RunCommand = async (_program, words) =>
    words[0] === 'show' ? ran(shown('a.service')) : ran('a.service static -')
  const { items, unsettled } = await look(command, known)
  expect(items.get('a')?.columns).toMatchObject({ SvcState: 'Dead', SvcAccount: 'www-data', SvcRestarts: 3 })
  expect([...(unsettled ?? [])]).toEqual(['getty@tty1', 'apt.timer'])
})

test.each<{ name: string; list: Ran; show: Ran; reason: string }>([
  { name: 'no systemctl', list: { kind: 'missing' }, show: ran(''), reason: 'source-missing' },
  { name: 'no systemd', list: ran('', 1, 'not been booted with systemd'), show: ran(''), reason: 'source-missing' },
  { name: 'show fails', list: ran('a.service static -'), show: ran('', 1, 'timed out'), reason: 'source-missing' },
  { name: 'a unit without answer', list: ran('a.service static -'), show: ran(''), reason: 'source-damaged' },
])('nothing is compared, and it is told: $name', async ({ list, show, reason }) => {
  const { isComplete, gaps } = await look(async (_program, words) => (words[0] === 'show' ? show : list))
  expect([isComplete, gaps.at(-1)?.reason]).toEqual([false, reason])
})

test('what systemctl complains of is told in one line', async () => {
  const { gaps } = await look(async () => ran('', 1, 'Not booted with systemd.\nFailed to connect to bus\n'))
  expect(gaps[0]?.detail).toContain('daemons are not seen: Not booted with systemd; Failed to connect to bus; ')
})

test('without any init nothing is compared, and it is told', async () => {
  rmSync(join(root, 'run'), { recursive: true })
  mkdirSync(join(root, 'proc/1'), { recursive: true })
  writeFileSync(join(root, 'proc/1/comm'), 'init\n')
  const { isComplete, gaps } = await look(async () => ({ kind: 'missing' }))
  expect([isComplete, gaps.map(({ reason }) => reason)]).toEqual([false, ['source-missing']])
})

import { expect, test } from 'vitest'

import type { Ran, RunCommand } from '../host/run.ts'
import { servicesCollector, UNITS_ASKED_MAX } from './collector.ts'

const ran = (output: string, code = 0, complaint = ''): Ran => ({ kind: 'ran', code, output, complaint })
const shown = (unit: string): string => `Names=${unit}\nDescription=d\nSubState=dead\nUnitFileState=static\n`
const look = async (run: RunCommand) => await servicesCollector(run).collect(new Map(), new AbortController().signal)

test('units are asked for in batches, and all of them are found', async () => {
  const units = Array.from({ length: UNITS_ASKED_MAX + 1 }, (_, index) => `unit-${index}.service`)
  const asked: number[] = []
  const { items, isComplete } = await look(async (_program, words) => {
    if (words[0] === 'list-unit-files') return ran(units.map((unit) => `${unit} static -`).join('\n'))
    const names = words.slice(words.indexOf('--') + 1)
    asked.push(names.length)
    return ran(names.map(shown).join('\n'))
  })
  expect([items.size, isComplete, asked]).toEqual([UNITS_ASKED_MAX + 1, true, [UNITS_ASKED_MAX, 1]])
})

test.each<{ name: string; list: Ran; show: Ran; reason: string }>([
  { name: 'no systemctl', list: { kind: 'missing' }, show: ran(''), reason: 'source-missing' },
  { name: 'no systemd', list: ran('', 1, 'not been booted with systemd'), show: ran(''), reason: 'source-missing' },
  { name: 'show fails', list: ran('a.service static -'), show: ran('', 1, 'timed out'), reason: 'source-missing' },
  { name: 'a unit without answer', list: ran('a.service static -'), show: ran(''), reason: 'source-damaged' },
])('nothing is compared, and it is told: $name', async ({ list, show, reason }) => {
  const { isComplete, gaps } = await look(async (_program, words) => (words[0] === 'show' ? show : list))
  expect([isComplete, gaps.map((gap) => gap.reason)]).toEqual([false, [reason]])
})

test('what systemctl complains of is told in one line', async () => {
  const { gaps } = await look(async () => ran('', 1, 'Not booted with systemd.\nFailed to connect to bus\n'))
  expect(gaps[0]?.detail).toBe(
    'daemons are not seen: Not booted with systemd; Failed to connect to bus (is systemd running as process 1?)',
  )
})

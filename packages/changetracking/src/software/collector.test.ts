import { expect, test } from 'vitest'

import type { Ran, RunCommand } from '../host/run.ts'
import { softwareCollector } from './collector.ts'

const missing: Ran = { kind: 'missing' }
const ran = (output: string, code = 0, complaint = ''): Ran => ({ kind: 'ran', code, output, complaint })
const machine =
  (answers: Readonly<Record<string, Ran>>): RunCommand =>
  async (program) =>
    answers[program] ?? missing
const look = async (answers: Readonly<Record<string, Ran>>) =>
  await softwareCollector(machine(answers)).collect(new Map(), new AbortController().signal, [])

const dpkg = ['zlib1g', 'amd64', '1', 'install ok installed', 'installed', 'A', '163', 'd'].join('\u001f') + '\u001e'
const rpm = ['bash', 'd', 'R', '1', '1', '(none)', '5', '1', 'noarch'].join('\u001f') + '\u001e'

test('packages of both managers are seen where both have some', async () => {
  const both = await look({ 'dpkg-query': ran(dpkg), rpm: ran(rpm) })
  expect([both.isComplete, [...both.items.keys()]]).toEqual([true, ['zlib1g:amd64', 'bash.noarch']])
  const one = await look({ 'dpkg-query': ran(dpkg), rpm: ran('') })
  const own = ran('', 1, 'error: cannot open Packages database in /nonexistent/.rpmdb')
  expect((await look({ 'dpkg-query': ran(dpkg), rpm: own })).isComplete).toBe(true)
  expect([one.isComplete, [...one.items.keys()], one.gaps]).toEqual([true, ['zlib1g:amd64'], []])
})

test.each([
  { name: 'no package manager', answers: {}, reason: 'source-missing' },
  { name: 'an rpm tool without packages', answers: { rpm: ran('') }, reason: 'source-missing' },
  { name: 'a dpkg that fails', answers: { 'dpkg-query': ran(dpkg, 2, 'parsing file') }, reason: 'source-damaged' },
  { name: 'an rpm that fails', answers: { rpm: ran('', 1, 'rpmdb open failed') }, reason: 'source-damaged' },
  {
    name: 'a dpkg record that is no package',
    answers: { 'dpkg-query': ran(`${dpkg}x\u001e`) },
    reason: 'source-damaged',
  },
  { name: 'an rpm answer that is torn', answers: { rpm: ran(`${rpm}bash`) }, reason: 'source-damaged' },
])('nothing is compared, and it is told: $name', async ({ answers, reason }) => {
  const { isComplete, gaps } = await look(answers)
  expect([isComplete, gaps.map((gap) => gap.reason)]).toEqual([false, [reason]])
})

import { expect, test } from 'vitest'

import type { Ran } from '../host/run.ts'
import { TriedMachine } from '../testing/tried-machine.ts'

const dpkg = (name: string, version: string, more = 'Architecture: amd64'): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nMaintainer: m\n${more}\nDescription: d\n\n`
const apk = 'P:musl\nV:1.2.5-r0\n\n'
const ran = (output: string, code = 0, complaint = ''): Ran => ({ kind: 'ran', code, output, complaint })

test('packages of all managers are seen where several have some', async () => {
  using machine = new TriedMachine({ 'var/lib/dpkg/status': dpkg('a', '1'), 'lib/apk/db/installed': apk })
  const { items, gaps, isComplete } = await machine.look()
  expect([[...items.keys()], gaps, isComplete]).toEqual([['a:amd64', 'apk/musl'], [], true])
})

test('a damaged source holds up no other one', async () => {
  using machine = new TriedMachine({ 'var/lib/dpkg/status': 'Package', 'lib/apk/db/installed': apk })
  const { items, gaps, isComplete, unseen } = await machine.look()
  expect([[...items.keys()], isComplete, [...(unseen ?? [])]]).toEqual([['apk/musl'], true, ['software:dpkg']])
  expect(gaps).toEqual([
    {
      reason: 'source-damaged',
      subject: 'dpkg',
      detail:
        'the dpkg database cannot be read: /var/lib/dpkg/status, line 1: the file ends in the middle of a line; its packages stay as last seen',
    },
  ])
})

test('what is not understood is asked of dpkg-query, which is said', async () => {
  using machine = new TriedMachine({ 'var/lib/dpkg/status': 'Package' })
  const printed =
    ['zlib1g', 'amd64', '1', 'install ok installed', 'installed', 'A', '163', 'd'].join('\u001f') + '\u001e'
  machine.run = async (program) => await Promise.resolve(program === 'dpkg-query' ? ran(printed) : { kind: 'missing' })
  const { items, notes, gaps } = await machine.look()
  expect([[...items.keys()], gaps]).toEqual([['zlib1g:amd64'], []])
  expect(notes).toEqual([
    'dpkg-query was asked instead: /var/lib/dpkg/status, line 1: the file ends in the middle of a line',
  ])
  machine.run = async (program) =>
    await Promise.resolve(program === 'dpkg-query' ? ran(printed, 2, 'parsing file') : { kind: 'missing' })
  expect((await machine.look()).gaps[0]?.detail).toContain('(parsing file)')
})

test('a machine without a package manager says so, also where only the tools are', async () => {
  using machine = new TriedMachine({ 'var/lib/dpkg/status': '' })
  const own = ran('', 1, 'error: cannot open Packages database in /nonexistent/.rpmdb')
  machine.run = async (program) => await Promise.resolve(program === 'rpm' ? own : { kind: 'missing' })
  const { isComplete, gaps } = await machine.look()
  expect([isComplete, gaps.map(({ reason }) => reason)]).toEqual([false, ['source-missing']])
})

test('a database that was emptied or taken away removed no package', async () => {
  using machine = new TriedMachine({ 'var/lib/dpkg/status': dpkg('a', '1'), 'lib/apk/db/installed': apk })
  const { items } = await machine.look()
  machine.write('var/lib/dpkg/status', '')
  expect((await machine.look(items)).gaps.map(({ detail }) => detail)).toEqual([
    'the dpkg database cannot be read: it has no package any more; its packages stay as last seen',
  ])
})

test('a package keeps its key when its architecture changes, and two of one name keep theirs', async () => {
  using machine = new TriedMachine({ 'var/lib/dpkg/status': dpkg('a', '1') + dpkg('b', '1') })
  const { items } = await machine.look()
  machine.write(
    'var/lib/dpkg/status',
    dpkg('a', '2', 'Architecture: all') + dpkg('b', '1') + dpkg('b', '1', 'Architecture: i386'),
  )
  const next = await machine.look(items)
  expect([...next.items].map(([key, { columns }]) => [key, columns.Architecture]).sort()).toEqual([
    ['a:amd64', 'all'],
    ['b:amd64', 'amd64'],
    ['b:i386', 'i386'],
  ])
  expect([...(await machine.look(next.items)).items.keys()].sort()).toEqual(['a:amd64', 'b:amd64', 'b:i386'])
})

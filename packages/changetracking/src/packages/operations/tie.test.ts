import { describe, expect, test } from 'vitest'

import type { Operation } from './operation.ts'
import { operationOfFile, operationOfPackage } from './tie.ts'

const at = (seconds: number): number => Date.UTC(2026, 2, 2, 8, 0, seconds)
const time = (seconds: number): string => new Date(at(seconds)).toISOString()
const operation = (id: string, from: number, to: number | undefined, more: Partial<Operation> = {}): Operation => ({
  id,
  source: 'apt',
  startMs: at(from),
  endMs: to === undefined ? undefined : at(to),
  packages: [{ name: id, architecture: 'amd64', action: 'upgrade', from: '1', to: '2' }],
  outcome: to === undefined ? undefined : 'completed',
  outcomeDetail: '',
  ...more,
})
const ended = operation('ended', 10, 20)
const running = operation('running', 30, undefined)
const all = [ended, running]

const seen = { InitiatingProcessCertainty: 'captured', InitiatingProcessFolderPath: '/usr/bin/dpkg' }
const script = {
  InitiatingProcessCertainty: 'inferred',
  InitiatingProcessFolderPath: '/bin/sh',
  InitiatingProcessTree: '[{"pid":2,"exe":"/usr/bin/dpkg"},{"pid":1,"exe":"/usr/bin/apt-get"}]',
}
const person = { InitiatingProcessCertainty: 'captured', InitiatingProcessFolderPath: '/usr/bin/vim' }
const unseen = { InitiatingProcessCertainty: 'unknown' }

describe('files', () => {
  test.each([
    {
      name: 'dpkg while apt runs',
      columns: { ...seen, TimeObserved: time(40), PackageName: 'running' },
      id: 'running',
    },
    { name: 'dpkg, and the package is gone', columns: { ...seen, TimeObserved: time(15) }, id: 'ended' },
    { name: 'a maintainer script', columns: { ...script, TimeObserved: time(40) }, id: 'running' },
    { name: 'in the last second', columns: { ...seen, TimeObserved: '2026-03-02T08:00:20.900Z' }, id: 'ended' },
    { name: 'after its end', columns: { ...seen, TimeObserved: time(21) }, id: undefined },
    {
      name: 'a person meanwhile',
      columns: { ...person, TimeObserved: time(40), PackageName: 'running' },
      id: undefined,
    },
    { name: 'a scan', columns: { ...unseen, DateChanged: time(15), PackageName: 'ended' }, id: 'ended' },
    {
      name: 'a scan, of another package',
      columns: { ...unseen, DateChanged: time(15), PackageName: 'x' },
      id: undefined,
    },
    { name: 'a scan, before', columns: { ...unseen, DateChanged: time(9), PackageName: 'ended' }, id: undefined },
    { name: 'a scan, removed', columns: { ...unseen, ChangeCategory: 'Removed', PackageName: 'ended' }, id: undefined },
  ])('$name', ({ columns, id }) => {
    expect(operationOfFile(columns, all)).toBe(id)
  })

  test('of two that ran at once, the one that has the package', () => {
    const other = operation('other', 30, undefined, { source: 'pacman' })
    const columns = { ...seen, TimeObserved: time(40), PackageName: 'running' }
    expect(operationOfFile(columns, [running, other])).toBe('running')
    expect(operationOfFile(columns, [other, running])).toBe('running')
  })
})

describe('packages', () => {
  const removed = operation('removed', 50, 51, { packages: [{ name: 'gone', action: 'remove', from: '3' }] })
  test.each([
    { name: 'upgraded', columns: { SoftwareName: 'ended', Previous: '1', Current: '2' }, id: 'ended' },
    { name: 'another version', columns: { SoftwareName: 'ended', Previous: '1', Current: '3' }, id: undefined },
    {
      name: 'another architecture',
      columns: { SoftwareName: 'ended', Architecture: 'i386', Previous: '1', Current: '2' },
      id: undefined,
    },
    {
      name: 'for all architectures',
      columns: { SoftwareName: 'ended', Architecture: 'all', Previous: '1', Current: '2' },
      id: 'ended',
    },
    { name: 'removed', columns: { ChangeCategory: 'Removed', SoftwareName: 'gone', Previous: '3' }, id: 'removed' },
    {
      name: 'removed with its configuration left',
      columns: { SoftwareName: 'gone', Previous: '3', Current: '3' },
      id: 'removed',
    },
  ])('$name', ({ columns, id }) => {
    expect(operationOfPackage(columns, [...all, removed])).toBe(id)
  })

  test('of two that brought the same version, the later one', () => {
    const again = operation('again', 60, 61, { packages: ended.packages })
    expect(operationOfPackage({ SoftwareName: 'ended', Current: '2' }, [again, ended])).toBe('again')
  })
})

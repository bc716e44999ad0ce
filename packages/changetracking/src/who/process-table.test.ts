import { ManualClock } from '@tidemark/base/testing'
import { beforeEach, expect, test } from 'vitest'

import type { ProcessReader } from './process-reader.ts'
import { FULL_READS_PER_SECOND_MAX, PROCESSES_MAX, ProcessTable } from './process-table.ts'

// Tried and found: a start time that is not compared (a new process told as the old one), a count of forks that is not
// asked for, a pidfd's end that is not asked for, a program taken for in place while it still is the parent's fork.

interface Fake {
  pid: number
  parent?: number
  start?: number
  name?: string
  exe?: string
  words?: string[]
  uid?: number
  cgroup?: string
  isZombie?: boolean
}

class FakeMachine implements ProcessReader {
  readonly processes = new Map<number, Fake>()
  readonly ended = new Set<number>()
  forkCount = 1_000
  reads = 0

  put(fake: Fake): void {
    this.processes.set(fake.pid, { ...this.processes.get(fake.pid), ...fake })
    this.forkCount += 1
  }

  read(pid: number, file: string): string | undefined {
    this.reads += 1
    const fake = this.processes.get(pid)
    if (fake === undefined) return undefined
    const { parent = 1, start = pid * 10, name = 'x', words = [], uid = 0, cgroup = '0::/', isZombie = false } = fake
    const texts: Record<string, string> = {
      stat: `${pid} (${name}) ${isZombie ? 'Z' : 'S'} ${parent} 0 0 0 0 4194304 ${'0 '.repeat(12)}${start} 0\n`,
      status: `Name:\t${name}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`,
      cmdline: isZombie ? '' : words.map((word) => `${word}\0`).join(''),
      loginuid: '1000',
      sessionid: '4294967295',
      cgroup,
    }
    return texts[file]
  }

  executable(pid: number): string | undefined {
    const fake = this.processes.get(pid)
    return fake?.isZombie === true ? undefined : fake?.exe
  }

  pids = (): number[] => [...this.processes.keys()]
  forks = (): number | undefined => this.forkCount
  pidMax = (): number => 32_768
  accounts = (): ReadonlyMap<number, string> =>
    new Map([
      [0, 'root'],
      [1000, 'ada'],
    ])
  hasEnded = (pidfd: number): boolean => this.ended.has(pidfd)
}

let machine: FakeMachine
let clock: ManualClock
let table: ProcessTable
beforeEach(() => {
  machine = new FakeMachine()
  clock = new ManualClock()
  table = new ProcessTable(machine, clock)
  machine.put({ pid: 1, parent: 0, exe: '/sbin/init', words: ['init'], name: 'init' })
  machine.put({
    pid: 50,
    exe: '/bin/bash',
    words: ['-bash'],
    name: 'bash',
    uid: 1000,
    cgroup: '0::/user.slice/session-3.scope',
  })
  table.beginTurn()
})

function runs(pid: number, words: string[], parent = 50): void {
  machine.put({
    pid,
    parent,
    exe: `/bin/${words[0]}`,
    words,
    name: words[0]!,
    uid: 1000,
    cgroup: '0::/user.slice/session-3.scope',
  })
  table.started(pid, [`/bin/${words[0]}`, '/lib/ld-linux-x86-64.so.2'])
}

test('a command that ended before its event was read is known from its start', () => {
  runs(60, ['sed', '-i', 's/a b/c/', 'f'])
  machine.processes.delete(60)
  table.beginTurn()
  expect(table.whoIs(60, { kind: 'gone' })).toEqual({
    pid: 60,
    executable: '/bin/sed',
    commandLine: "sed -i 's/a b/c/' f",
    account: 'ada',
    accountId: 1000,
    loginAccount: 'ada',
    loginId: 1000,
    sessionId: '3',
    tree: [
      { pid: 50, executable: '/bin/bash', commandLine: '-bash', account: 'ada' },
      { pid: 1, executable: '/sbin/init', commandLine: 'init', account: 'root' },
    ],
    containerId: undefined,
    unit: 'session-3.scope',
    certainty: 'captured',
    note: '',
  })
})

test('a number that may have been given out again is nobody’s', () => {
  runs(60, ['sed'])
  machine.processes.delete(60)
  machine.forkCount += 20_000
  table.beginTurn()
  expect(table.whoIs(60, { kind: 'gone' })).toMatchObject({ pid: 60, certainty: 'unknown', executable: undefined })
  expect(table.whoIs(60, { kind: 'gone' }).note).toContain('given to another')
})

test('a number that was given out again is the new process, never the old one', () => {
  runs(60, ['sed'])
  machine.put({ pid: 60, start: 99_999, exe: '/bin/vi', words: ['vi', 'f'], name: 'vi' })
  table.beginTurn()
  expect(table.whoIs(60, { kind: 'pidfd', pidfd: 7 })).toMatchObject({ executable: '/bin/vi', certainty: 'captured' })
})

test('what /proc tells is not believed where the pidfd has ended and numbers went round', () => {
  machine.put({ pid: 70, exe: '/bin/other', words: ['other'] })
  machine.ended.add(7)
  table.beginTurn()
  const forks = machine.forks
  machine.forks = () => forks()! + 30_000
  expect(table.whoIs(70, { kind: 'pidfd', pidfd: 7 }).certainty).toBe('unknown')
})

test('a fork that runs no program is read while it lives, and unknown after that', () => {
  machine.put({ pid: 61, parent: 50, exe: '/bin/bash', words: ['-bash'], name: 'bash' })
  expect(table.whoIs(61, { kind: 'pidfd', pidfd: 7 })).toMatchObject({ commandLine: '-bash', certainty: 'captured' })
  expect(table.whoIs(62, { kind: 'gone' })).toMatchObject({ pid: 62, certainty: 'unknown', commandLine: undefined })
})

test('a fork that waits to be reaped has its parent’s program, by inference', () => {
  machine.put({ pid: 61, parent: 50, name: 'bash', isZombie: true, uid: 1000 })
  const actor = table.whoIs(61, { kind: 'pidfd', pidfd: 7 })
  expect(actor).toMatchObject({
    executable: '/bin/bash',
    commandLine: undefined,
    account: 'ada',
    certainty: 'inferred',
  })
  expect(actor.note).toContain('that of its parent')
})

test('a program that is not in place yet is read again until it is', () => {
  machine.put({ pid: 60, parent: 50, exe: '/bin/bash', words: ['-bash'], name: 'bash' })
  table.started(60, ['/bin/sed'])
  expect(table.isWaiting).toBe(true)
  machine.put({ pid: 60, exe: '/bin/sed', words: ['sed', 'f'] })
  table.retry()
  expect(table.isWaiting).toBe(false)
  expect(table.whoIs(60, { kind: 'gone' })).toMatchObject({ commandLine: 'sed f', certainty: 'captured', note: '' })
})

test('a shell that starts a shell is not told with its parent’s command line', () => {
  machine.put({ pid: 60, parent: 50, exe: '/bin/bash', words: ['-bash'], name: 'bash' })
  table.started(60, ['/bin/bash'])
  machine.put({ pid: 60, words: ['bash', '-c', 'x'] })
  table.retry()
  expect(table.whoIs(60, { kind: 'gone' }).commandLine).toBe('bash -c x')
})

test('one that ended before its program was in place is told by the file it started', () => {
  machine.put({ pid: 60, parent: 50, exe: '/bin/bash', words: ['-bash'], name: 'bash' })
  table.started(60, ['/home/ada/run.sh', '/bin/dash', '/lib/x/ld-linux.so.2'])
  machine.processes.delete(60)
  table.retry()
  const actor = table.whoIs(60, { kind: 'gone' })
  expect(actor).toMatchObject({ executable: '/bin/dash', commandLine: undefined, certainty: 'inferred' })
  table.started(63, ['/bin/true'])
  expect(table.whoIs(63, { kind: 'gone' })).toMatchObject({ executable: '/bin/true', certainty: 'inferred' })
})

test('a process that becomes another program is told with what it was', () => {
  runs(60, ['sh', '-c', 'exec touch f'])
  machine.put({ pid: 60, exe: '/bin/touch', words: ['touch', 'f'] })
  table.started(60, ['/bin/touch'])
  expect(table.whoIs(60, { kind: 'gone' })).toMatchObject({
    commandLine: 'touch f',
    note: "the same process ran before: sh -c 'exec touch f'",
  })
})

test('what is started beyond the budget is read in its cheap parts', () => {
  for (let pid = 100; pid < 100 + FULL_READS_PER_SECOND_MAX; pid += 1) runs(pid, ['true'])
  const reads = machine.reads
  runs(30_000, ['sed', 'f'])
  expect(machine.reads - reads).toBeLessThan(6)
  const actor = table.whoIs(30_000, { kind: 'gone' })
  expect(actor).toMatchObject({ commandLine: 'sed f', account: 'ada', certainty: 'inferred' })
  expect(actor.note).toContain('those of its parent')
})

test('the table has a bound, and forgets what it has not heard of for an hour', () => {
  for (let pid = 100; pid < 100 + PROCESSES_MAX + 500; pid += 1) table.started(pid, ['/bin/gone'])
  expect(table.size).toBe(PROCESSES_MAX)
  clock.advance(3_600_001)
  table.sweep()
  expect(table.size).toBe(0)
})

test('a process outside our namespace has no number', () => {
  expect(table.whoIs(0, { kind: 'gone' })).toMatchObject({ pid: 0, certainty: 'unknown' })
})

test('what runs already is read at the start', () => {
  table.prime()
  machine.processes.delete(50)
  table.beginTurn()
  expect(table.whoIs(50, { kind: 'gone' })).toMatchObject({ commandLine: '-bash', certainty: 'captured' })
})

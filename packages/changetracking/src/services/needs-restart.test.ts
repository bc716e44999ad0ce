import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { BusValue } from './bus/value.ts'
import { NAMED_MAX, namesOf, needsRestart, PROCESSES_MAX, replacedIn } from './needs-restart.ts'
import type { Tree } from './tree.ts'

const maps = (...lines: readonly string[]): string => lines.map((line) => `7f12000-7f34000 ${line}`).join('\n')

test('what is executed and deleted counts, but not what programs make for themselves', () => {
  expect(
    replacedIn(
      maps(
        'r-xp 00000000 fe:01 1234                       /usr/lib/x86_64-linux-gnu/libc.so.6 (deleted)',
        'r--p 00000000 fe:01 1234                       /usr/lib/locale/locale-archive (deleted)',
        'r-xp 00000000 fe:01 1234                       /usr/lib/with blank.so (deleted)',
        'r-xp 00000000 fe:01 1234                       /usr/lib/fine.so',
        'rwxp 00000000 00:05 77                         /memfd:jit (deleted)',
        'r-xp 00000000 00:05 77                         /dev/zero (deleted)',
        'r-xp 00000000 00:05 77                         /tmp/ffi1234 (deleted)',
      ),
    ),
  ).toEqual(['/usr/lib/x86_64-linux-gnu/libc.so.6', '/usr/lib/with blank.so'])
})

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void replacedIn(`${text} (deleted)`)))
})

function tree(files: Readonly<Record<string, string>>, changedMs = 0): Tree {
  return {
    root: '/',
    names: () => [],
    status: () => ({ kind: 'file', bytes: 1, isExecutable: false, changedMs, stamp: '' }),
    linkTarget: (path) => files[path],
    read: (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    takeTroubles: () => [],
  }
}
const unit = (more: Readonly<Record<string, BusValue>>) =>
  new Map<string, BusValue>(
    Object.entries({
      ActiveState: 'active',
      ActiveEnterTimestamp: 5_000_000n,
      FragmentPath: '/etc/systemd/system/x',
      ...more,
    }),
  )

test('a folder that the kernel puts in front of a moved root is left out, and one that is there is not', () => {
  const files = { '/proc/1/root': '/var/tmp/moved', '/proc/2/root': '/' }
  const moved = { ...tree(files), status: () => undefined }
  expect(namesOf(moved, 1)('/var/tmp/moved/usr/bin/x')).toBe('/usr/bin/x')
  expect(namesOf(moved, 1)('/var/tmp/moved-not/x')).toBe('/var/tmp/moved-not/x')
  expect(namesOf(moved, 2)('/usr/bin/x')).toBe('/usr/bin/x')
  expect(namesOf(moved, 3)('/usr/bin/x')).toBe('/usr/bin/x')
  expect(namesOf(tree(files), 1)('/var/tmp/moved/usr/bin/x')).toBe('/var/tmp/moved/usr/bin/x')
})

test('a process of its group is looked at as its main one is, up to the limit', () => {
  const pids = Array.from({ length: PROCESSES_MAX + 5 }, (_, index) => index + 1)
  const files = {
    '/proc/1/exe': '/usr/bin/x (deleted)',
    '/proc/1/cgroup': '0::/system.slice/x.service\n',
    '/sys/fs/cgroup/system.slice/x.service/cgroup.procs': `${pids.join('\n')}\n`,
    ...Object.fromEntries(
      pids.map((pid) => [
        `/proc/${pid}/maps`,
        maps(`r-xp 0 fe:01 1 /lib/${String(pid).padStart(2, '0')}.so (deleted)`),
      ]),
    ),
  }
  const { executable, reasons } = needsRestart(tree(files), { properties: unit({}), processId: 1 })
  expect(executable).toBe('/usr/bin/x')
  expect(reasons[0]).toMatch(/^runs what was replaced or deleted: \/lib\/01\.so, .*\/lib\/05\.so, and 11 more$/)
  expect(NAMED_MAX).toBe(5)
})

test.each([
  { name: 'its unit changed later', more: {}, changedMs: 5_001, count: 1 },
  { name: 'its unit changed before', more: {}, changedMs: 4_999, count: 0 },
  {
    name: 'a drop-in changed, too',
    more: { DropInPaths: ['/etc/systemd/system/x.d/a.conf'] },
    changedMs: 5_001,
    count: 2,
  },
  { name: 'systemd writes it itself', more: { FragmentPath: '/run/systemd/generator/x' }, changedMs: 9_000, count: 0 },
  { name: 'it does not run', more: { ActiveState: 'inactive' }, changedMs: 9_000, count: 0 },
  { name: 'it failed', more: { ActiveState: 'failed' }, changedMs: 9_000, count: 0 },
])('a service that was started before its configuration changed: $name', ({ more, changedMs, count }) => {
  const { reasons } = needsRestart(tree({}, changedMs), { properties: unit(more), processId: 0 })
  expect((reasons[0] ?? '').split(', ').filter(Boolean)).toHaveLength(count)
})

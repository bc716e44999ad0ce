import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { fileSystemKind, parseMountInfo } from './mounts.ts'

test('devices with their types, with and without optional fields', () => {
  const text = [
    '22 28 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw',
    '28 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '36 35 0:45 / /srv/with\\040blank rw shared:1 master:2 - nfs4 server:/export rw,vers=4.2',
    'no line of that kind',
    '',
  ].join('\n')
  expect([...parseMountInfo(text)]).toEqual([
    ['0:20', 'proc'],
    ['254:0', 'ext4'],
    ['0:45', 'nfs4'],
  ])
})

test('this machine’s own: /proc is the kernel’s', () => {
  const types = [...parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8')).values()]
  expect(types.map(fileSystemKind)).toContain('kernel')
})

test.each([
  { type: 'sysfs', kind: 'kernel' },
  { type: 'cifs', kind: 'network' },
  { type: 'fuse.sshfs', kind: 'network' },
  { type: 'ext4', kind: 'local' },
  { type: 'overlay', kind: 'local' },
])('$type is $kind', ({ type, kind }) => {
  expect(fileSystemKind(type)).toBe(kind)
})

test('never throws, and devices are numbers', () => {
  const line = fc
    .array(fc.constantFrom('1', '8:1', '-', '/', 'ext4', 'rw', ''), { maxLength: 12 })
    .map((all) => all.join(' '))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(line).map((lines) => lines.join('\n')),
      ),
      (text) => {
        for (const [device, type] of parseMountInfo(text)) expect(`${device} ${type}`).toMatch(/^\d+:\d+ [^ \n]*$/)
      },
    ),
  )
})

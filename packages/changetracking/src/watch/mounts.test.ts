import fc from 'fast-check'
import { expect, test } from 'vitest'

import { mountOf, mountsThatDiffer, parseMounts, visiblePaths } from './mounts.ts'

const TEXT = String.raw`22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:5 / /proc rw - proc proc rw
41 22 8:1 / /data rw - xfs /dev/sda1 rw
42 22 8:1 /sub/dir /srv/a\040b rw master:3 - xfs /dev/sda1 rw
43 41 0:40 / /data rw - tmpfs none rw
torn line`

test('mounts are read, the upper one of two in one place', () => {
  const mounts = parseMounts(TEXT)
  expect(mounts.map(({ mountPoint, type }) => `${mountPoint} ${type}`)).toEqual([
    '/ ext4',
    '/proc proc',
    '/srv/a b xfs',
    '/data tmpfs',
  ])
  expect(mountOf(mounts, '/srv/a b/c')?.id).toBe(42)
  expect(mountOf(mounts, '/srv/a bc')?.id).toBe(22)
  fc.assert(fc.property(fc.string(), (text) => void parseMounts(text)))
})

test('a folder is seen through every mount that shows it', () => {
  const mounts = parseMounts(TEXT.replace('43 41 0:40 / /data rw - tmpfs none rw\n', '')).filter(
    ({ device }) => device === '8:1',
  )
  expect(visiblePaths(mounts, '/sub/dir/x')).toEqual(['/data/sub/dir/x', '/srv/a b/x'])
  expect(visiblePaths(mounts, '/sub/dir')).toEqual(['/data/sub/dir', '/srv/a b'])
  expect(visiblePaths(mounts, '/sub/directory')).toEqual(['/data/sub/directory'])
  expect(visiblePaths(mounts, '/')).toEqual(['/data'])
})

test('what was mounted and unmounted', () => {
  const [before, now] = [parseMounts(TEXT), parseMounts(TEXT.replace('/proc', '/proc2'))]
  const { added, removed } = mountsThatDiffer(before, now)
  expect([added, removed].map((mounts) => mounts.map(({ mountPoint }) => mountPoint))).toEqual([['/proc2'], ['/proc']])
})

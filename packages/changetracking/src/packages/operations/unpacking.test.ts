import { expect, test } from 'vitest'

import { Unpacking } from './unpacking.ts'

const LOG = '/var/log/dpkg.log'

function machine() {
  const world = { text: '', inode: '1', locked: ['/var/lib/dpkg/lock'] }
  const unpacking = new Unpacking({
    status: (path) => (path === LOG ? { inode: world.inode, sizeBytes: world.text.length, modifiedMs: 0 } : undefined),
    read: (_path, from, bytesMax) => world.text.slice(from, from + bytesMax),
    unpacked: () => undefined,
    isLocked: (paths) => paths.some((path) => world.locked.includes(path)),
  })
  const log = (...lines: string[]): string[] => {
    for (const line of lines) world.text += `2026-03-02 10:00:00 ${line}\n`
    return [...unpacking.unfinished()]
  }
  return { world, log }
}

test('from half-installed to the next state, and from configure to half-configured', () => {
  const { log } = machine()
  expect(log('startup archives unpack', 'upgrade a:amd64 1 2', 'status half-configured a:amd64 1')).toEqual([])
  expect(log('status unpacked a:amd64 1', 'status half-installed a:amd64 1')).toEqual(['a:amd64 1'])
  expect(log('status triggers-pending man-db:amd64 2')).toEqual(['a:amd64 1'])
  expect(log('status unpacked a:amd64 2', 'status half-installed b:all 1')).toEqual(['b:all 2'])
  expect(log('status unpacked b:all 1', 'startup packages configure', 'configure b:all 1 <none>')).toEqual(['b:all 3'])
  expect(log('status half-configured b:all 1')).toEqual([])
})

test('who was killed is in the middle of nothing, nor is a log that is another one', () => {
  const { world, log } = machine()
  expect(log('startup archives unpack', 'status half-installed a:amd64 1')).toEqual(['a:amd64 1'])
  world.locked = []
  expect(log()).toEqual([])
  Object.assign(world, { text: '', inode: '2', locked: ['/var/lib/dpkg/lock'] })
  expect(log()).toEqual([])
})

test('a line that is half written is taken when it is whole; rpm is in the middle as long as it has its lock', () => {
  const { world, log } = machine()
  world.text = '2026-03-02 10:00:00 startup archives unpack\n2026-03-02 10:00:00 status half-inst'
  expect(log()).toEqual([])
  world.text += 'alled a:amd64 1\n'
  expect(log()).toEqual(['a:amd64 1'])
  world.locked.push('/var/lib/rpm/.rpm.lock')
  expect(log('status unpacked a:amd64 2')).toEqual(['/var/lib/rpm/.rpm.lock'])
})

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { openPackageTree, type PackageTree } from './package-tree.ts'

let folder = ''
let tree: PackageTree
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-tree-'))
  mkdirSync(join(folder, 'root/etc/deep'), { recursive: true })
  writeFileSync(join(folder, 'secret'), 'outside')
  writeFileSync(join(folder, 'root/etc/name'), 'inside')
  tree = openPackageTree(join(folder, 'root'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const link = (target: string, path: string): void => symlinkSync(target, join(folder, 'root', path))
const text = (path: string): string | undefined => tree.read(path, 100)?.toString()

test.each([
  { name: 'absolute, as the machine means it', target: '/etc/name', read: 'inside' },
  { name: 'relative', target: '../etc/name', read: 'inside' },
  { name: 'above its root', target: '../../../../../etc/name', read: 'inside' },
  { name: 'out of the root', target: '../../secret', read: undefined },
  { name: 'out of the root, absolute', target: '/../secret', read: undefined },
  { name: 'to nothing', target: '/none', read: undefined },
])('a link leads nowhere else than on the machine: $name', ({ target, read }) => {
  link(target, 'etc/link')
  expect(text('/etc/link')).toBe(read)
  expect(tree.linkTarget('/etc/link')).toBe(target)
})

test('a folder that is a link out of the root shows nothing of what is outside', () => {
  link(folder, 'outside')
  expect([text('/outside/secret'), tree.names('/outside'), tree.stamp('/outside/secret')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  link('/etc', 'inside')
  expect([text('/inside/name'), tree.names('/inside')]).toEqual(['inside', ['deep', 'name']])
})

test('links in a circle, a fifo, a folder and a file that is too long are told', () => {
  link('circle', 'circle')
  execFileSync('mkfifo', [join(folder, 'root/fifo')])
  expect(() => text('/circle')).toThrow('/circle: more than 40 symbolic links')
  expect(() => text('/fifo')).toThrow('/fifo is no file')
  expect(() => text('/etc/deep')).toThrow('/etc/deep is no file')
  expect(() => tree.read('/etc/name', 5)).toThrow('/etc/name has 6 bytes; at most 5 are read')
})

test('a stamp is another one when the file was written', () => {
  const before = tree.stamp('/etc/name')
  expect(tree.stamp('/etc/name')).toBe(before)
  writeFileSync(join(folder, 'root/etc/name'), 'other')
  expect(tree.stamp('/etc/name')).not.toBe(before)
  expect(tree.stamp('/etc/none')).toBeUndefined()
})

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { LINKS_MAX, openTree } from './tree.ts'

let folder = ''
let root = ''
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-tree-'))
  root = join(folder, 'root')
  mkdirSync(join(root, 'etc/sub'), { recursive: true })
  mkdirSync(join(root, 'usr/lib'), { recursive: true })
  writeFileSync(join(root, 'etc/file'), 'inside')
  writeFileSync(join(folder, 'secret'), 'outside')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a tree below a folder', () => {
  test('links are followed from its own root', () => {
    symlinkSync('/usr/lib', join(root, 'lib'))
    symlinkSync('/etc/file', join(root, 'usr/lib/absolute'))
    symlinkSync('../../etc/./file', join(root, 'usr/lib/relative'))
    const tree = openTree(root)
    for (const name of ['absolute', 'relative']) expect(text(tree.read(`/lib/${name}`, 100))).toBe('inside')
    expect(tree.linkTarget('/lib/absolute')).toBe('/etc/file')
    expect(
      tree
        .names('/lib')
        .map(({ name, kind }) => `${name} ${kind}`)
        .sort(),
    ).toEqual(['absolute link', 'relative link'])
    expect(tree.status('/lib')?.kind).toBe('folder')
  })

  test('no link leads out of it', () => {
    symlinkSync('../../../../../secret', join(root, 'etc/up'))
    symlinkSync(join(folder, 'secret'), join(root, 'etc/away'))
    symlinkSync('..', join(root, 'etc/parent'))
    symlinkSync('/..', join(root, 'top'))
    const tree = openTree(root)
    for (const path of ['/etc/up', '/etc/away', '/../secret', '/etc/parent/../secret', '/top/secret'])
      expect([path, tree.read(path, 100), tree.status(path)]).toEqual([path, undefined, undefined])
    expect(text(tree.read('/etc/parent/../etc/parent/etc/file', 100))).toBe('inside')
    expect(tree.takeTroubles()).toEqual([])
  })

  test('links in a circle, and more than the kernel follows, lead nowhere', () => {
    symlinkSync('circle', join(root, 'circle'))
    for (let at = 0; at <= LINKS_MAX; at += 1) symlinkSync(at === 0 ? 'etc/file' : `l${at - 1}`, join(root, `l${at}`))
    const tree = openTree(root)
    expect(tree.status('/circle')).toBeUndefined()
    expect(text(tree.read(`/l${LINKS_MAX - 1}`, 100))).toBe('inside')
    expect(tree.read(`/l${LINKS_MAX}`, 100)).toBeUndefined()
  })
})

test('this machine is a tree, too', () => {
  const tree = openTree('/')
  expect(
    tree
      .names(join(root, 'etc'))
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['file', 'sub'])
  expect(text(tree.read('/proc/self/comm', 100))).toBeTruthy()
})

test('what is there and cannot be read is told, once', () => {
  const tree = openTree(root)
  expect(tree.read('/etc/file', 3)).toBeUndefined()
  expect(tree.read('/etc/sub', 100)).toBeUndefined()
  expect(tree.read('/etc/none', 100)).toBeUndefined()
  expect(tree.takeTroubles()).toEqual([{ path: '/etc/file', reason: 'it has more than 3 bytes' }])
  expect(tree.takeTroubles()).toEqual([])
})

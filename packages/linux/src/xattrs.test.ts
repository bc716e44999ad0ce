import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import { LinuxError } from './linux-error.ts'
import { extendedAttributes, extendedAttributesOf } from './xattrs.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-xattrs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fresh(name: string): string {
  const path = join(folder, name)
  writeFileSync(path, 'content')
  return path
}

function whyNot(): string | undefined {
  if (!existsSync('/usr/bin/setfattr')) return 'no setfattr: apt-get install attr'
  try {
    execFileSync('setfattr', ['-n', 'user.probe', '-v', 'x', fresh('probe')], { stdio: 'pipe' })
    return undefined
  } catch {
    return `the file system of ${folder} has no extended attributes`
  }
}

const missing = whyNot()
const isRoot = process.getuid?.() === 0

/** What both ways say of a file, which must be the same; sorted by name, with the values in hex. */
function attributesOf(path: string): [string, string][] {
  const descriptor = openSync(path, 'r')
  try {
    const opened = extendedAttributes(descriptor)
    expect(extendedAttributesOf(Buffer.from(path))).toEqual(opened)
    return opened.map(([name, value]): [string, string] => [name, value.toString('hex')]).toSorted()
  } finally {
    closeSync(descriptor)
  }
}

/** The judge: getfattr(1), with the values in hex. */
function judged(path: string): [string, string][] {
  const output = execFileSync('getfattr', ['--absolute-names', '-h', '-d', '-m', '-', '-e', 'hex', path], {
    encoding: 'utf8',
  })
  return [...output.matchAll(/^([a-z]+\..+?)(?:=0x([0-9a-f]*)|=)?$/gm)]
    .map(([, name, hex]): [string, string] => [name!, hex ?? ''])
    .toSorted()
}

function set(path: string, name: string, value: string): void {
  execFileSync('setfattr', ['-h', '-n', name, '-v', value, path])
}

describe.skipIf(missing !== undefined)(`extended attributes${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('none: the same empty array each time, with nothing allocated', () => {
    const path = fresh('none')
    const first = extendedAttributesOf(Buffer.from(path))
    expect(first).toEqual([])
    expect(extendedAttributesOf(Buffer.from(path))).toBe(first)
    const descriptor = openSync(path, 'r')
    expect(extendedAttributes(descriptor)).toBe(first)
    closeSync(descriptor)
  })

  test('names and values are what getfattr reads, empty and binary ones too', () => {
    const path = fresh('some')
    set(path, 'user.text', 'value')
    set(path, 'user.empty', '')
    set(path, 'user.binary', '0x00ff0a00')
    set(path, 'user.grün', 'Grün')
    expect(attributesOf(path)).toHaveLength(4)
    expect(attributesOf(path).map(([name, hex]) => [Buffer.from(name, 'latin1').toString(), hex])).toEqual(judged(path))
  })

  test('a name that is no UTF-8 keeps its bytes', () => {
    const path = fresh('odd')
    execFileSync('perl', ['-e', `exec 'setfattr', '-n', "user.\\xff", '-v', 'x', $ARGV[0]`, path])
    expect(attributesOf(path)).toEqual([['user.\xff', '78']])
  })

  test('a value larger than the small buffer, and more names than fit it', () => {
    const path = fresh('large')
    set(path, 'user.large', `0x${'ab'.repeat(2_000)}`)
    expect(attributesOf(path)).toEqual([['user.large', 'ab'.repeat(2_000)]])
    const many = fresh('many')
    for (let count = 0; count < 12; count += 1) set(many, `user.${String(count).padStart(120, 'n')}`, '')
    expect(attributesOf(many)).toEqual(judged(many))
    expect(attributesOf(many)).toHaveLength(12)
  })

  test('values stay as they were when the next file is read', () => {
    const [one, two] = [fresh('one'), fresh('two')]
    set(one, 'user.a', 'first')
    set(two, 'user.b', 'other')
    const kept = extendedAttributesOf(Buffer.from(one))
    extendedAttributesOf(Buffer.from(two))
    expect(kept).toEqual([['user.a', Buffer.from('first')]])
  })

  test.skipIf(!isRoot)('a link’s own, not those of what it leads to (skipped: only root may give links some)', () => {
    const path = fresh('target')
    set(path, 'user.a', 'of the target')
    const link = join(folder, 'link')
    symlinkSync(path, link)
    expect(extendedAttributesOf(Buffer.from(link))).toEqual([])
    set(link, 'trusted.a', 'of the link')
    expect(extendedAttributesOf(Buffer.from(link))).toEqual([['trusted.a', Buffer.from('of the link')]])
  })
})

test('a file system without extended attributes has none', () => {
  expect(extendedAttributesOf(Buffer.from('/proc/self/status'))).toEqual([])
})

test('what the kernel refuses is an error with its number', () => {
  expect(() => extendedAttributes(9_999)).toThrow('listxattr(9999): EBADF')
  expect(() => extendedAttributesOf(Buffer.from(join(folder, 'gone')))).toThrow(LinuxError)
  expect(() => extendedAttributesOf(Buffer.from('/gone'))).toThrow('listxattr(/gone): ENOENT')
})

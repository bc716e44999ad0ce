import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { extendedAttributesOf } from '@tidemark/linux'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'

import { aclText } from './acl.ts'

const names = { users: new Map([[1_000, 'alice']]), groups: new Map([[100, 'users']]) }
const NO_ID = 0xff_ff_ff_ff

interface Entry {
  readonly tag: number
  readonly permissions: number
  readonly id: number
}

function encoded(entries: readonly Entry[], version = 2): Buffer {
  const bytes = Buffer.alloc(4 + 8 * entries.length)
  bytes.writeUInt32LE(version)
  for (const [index, { tag, permissions, id }] of entries.entries()) {
    bytes.writeUInt16LE(tag, 4 + 8 * index)
    bytes.writeUInt16LE(permissions, 6 + 8 * index)
    bytes.writeUInt32LE(id, 8 + 8 * index)
  }
  return bytes
}

const plain = (tag: number, permissions: number): Entry => ({ tag, permissions, id: NO_ID })

test.each([
  {
    name: 'a user, with a name',
    entries: [plain(1, 6), { tag: 2, permissions: 4, id: 1_000 }, plain(4, 4), plain(0x10, 4), plain(0x20, 4)],
    text: 'user::rw-,user:alice:r--,group::r--,mask::r--,other::r--',
  },
  {
    name: 'ids without a name, and a group with one',
    entries: [
      { tag: 2, permissions: 0, id: 7 },
      { tag: 8, permissions: 7, id: 100 },
      { tag: 8, permissions: 1, id: 0 },
    ],
    text: 'user:7:---,group:0:--x,group:users:rwx',
  },
  { name: 'no entries', entries: [], text: undefined },
])('$name', ({ entries, text }) => {
  expect(aclText(encoded(entries), 'access', names)).toBe(text)
})

test('each entry of a default list says so', () => {
  expect(aclText(encoded([plain(1, 7), plain(0x20, 0)]), 'default', names)).toBe('default:user::rwx,default:other::---')
})

test.each([
  { name: 'nothing', bytes: Buffer.alloc(0), text: 'malformed, 0 bytes: none' },
  { name: 'a torn entry', bytes: Buffer.from('02000000010006', 'hex'), text: 'malformed, 7 bytes: 0x02000000010006' },
  {
    name: 'another version',
    bytes: encoded([plain(1, 6)], 3),
    text: 'malformed, 12 bytes: 0x0300000001000600ffffffff',
  },
  {
    name: 'a tag that is none',
    bytes: encoded([plain(3, 6)]),
    text: 'malformed, 12 bytes: 0x0200000003000600ffffffff',
  },
  { name: 'more permissions than three', bytes: encoded([plain(1, 8)]), text: /^malformed, 12 bytes/ },
  { name: 'much', bytes: Buffer.alloc(65), text: /^malformed, 65 bytes: sha256:[0-9a-f]{64}$/ },
])('malformed is described: $name', ({ bytes, text }) => {
  if (typeof text === 'string') expect(aclText(bytes, 'access', names)).toBe(text)
  else expect(aclText(bytes, 'access', names)).toMatch(text)
})

const entry = fc.oneof(
  fc.record({ tag: fc.constantFrom(1, 4, 0x10, 0x20), permissions: fc.nat(7), id: fc.constant(NO_ID) }),
  fc.record({ tag: fc.constantFrom(2, 8), permissions: fc.nat(7), id: fc.nat(NO_ID - 1) }),
)

test('never throws on any bytes, and other bytes are told otherwise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (a, b) => {
      const [one, other] = [a, b].map((bytes) => aclText(Buffer.from(bytes), 'access', names) ?? '')
      if (one?.startsWith('malformed') && Buffer.compare(a, b) !== 0) expect(other).not.toBe(one)
    }),
  )
})

// A mutant that failed here: permissions read at the id's place. One that did not: entries sorted by tag only, which the
// judge below catches.
test('the text of a list tells each of its entries, in whatever order they lie', () => {
  const keys: Readonly<Record<number, string>> = {
    1: 'user',
    2: 'user',
    4: 'group',
    8: 'group',
    16: 'mask',
    32: 'other',
  }
  const none = { users: new Map<number, string>(), groups: new Map<number, string>() }
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 12 }), (entries) => {
      const parsed = (aclText(encoded(entries), 'access', none) ?? '').split(',').toSorted()
      const expected = entries.map(({ tag, permissions, id }) => {
        const bits = permissions.toString(2).padStart(3, '0')
        const letters = [...'rwx'].map((letter, index) => (bits[index] === '1' ? letter : '-')).join('')
        return `${keys[tag]}:${id === NO_ID ? '' : id}:${letters}`
      })
      expect(parsed).toEqual(expected.toSorted())
      expect(aclText(encoded(entries.toReversed()), 'access', none)?.split(',').toSorted()).toEqual(parsed)
    }),
  )
})

const folder = mkdtempSync(join(tmpdir(), 'tidemark-acl-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function whyNot(): string | undefined {
  if (!existsSync('/usr/bin/setfacl') || !existsSync('/usr/bin/setfattr')) return 'apt-get install acl attr'
  try {
    execFileSync('setfacl', ['-m', 'u:1:r', folder], { stdio: 'pipe' })
    execFileSync('setfacl', ['-b', folder], { stdio: 'pipe' })
    return undefined
  } catch {
    return `the file system of ${folder} has no access control lists`
  }
}

const missing = whyNot()
const numbers = { users: new Map<number, string>(), groups: new Map<number, string>() }

/** What getfacl(1) prints of a path, with numbers for names. */
function judged(path: string): string {
  const options = ['--absolute-names', '--omit-header', '--no-effective', '--numeric']
  return execFileSync('getfacl', [...options, path], { encoding: 'utf8' })
    .trim()
    .replaceAll('\n', ',')
}

function ours(path: string): string {
  const found = new Map(extendedAttributesOf(Buffer.from(path)))
  const [access, defaults] = [found.get('system.posix_acl_access'), found.get('system.posix_acl_default')]
  return [
    ...(access ? [aclText(access, 'access', numbers)] : []),
    ...(defaults ? [aclText(defaults, 'default', numbers)] : []),
  ].join(',')
}

describe.skipIf(missing !== undefined)(`beside getfacl${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('a file with users, groups and a mask that takes rights away', () => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    execFileSync('setfacl', ['-m', 'u:4000000000:rwx,u:12:r,g:7:x,g:3:rw,m::r', path])
    expect(ours(path)).toBe(judged(path))
    expect(ours(path)).toContain('user:12:r--,user:4000000000:rwx,')
  })

  test('a folder with a list for itself and one for what comes into it', () => {
    const path = join(folder, 'folder')
    mkdirSync(path)
    execFileSync('setfacl', ['-m', 'u:12:rwx,d:u:12:rx,d:g:7:r', path])
    expect(ours(path)).toBe(judged(path))
    expect(ours(path)).toContain('default:user:12:r-x')
  })

  test('entries that another program wrote in an order of its own', () => {
    const path = join(folder, 'unsorted')
    writeFileSync(path, '')
    const users = [70, 7, 700].map((id) => ({ tag: 2, permissions: 4, id }))
    const list = encoded([plain(1, 6), ...users, plain(4, 4), plain(0x10, 4), plain(0x20, 0)])
    execFileSync('setfattr', ['-n', 'system.posix_acl_access', '-v', `0x${list.toString('hex')}`, path])
    expect(ours(path)).toBe(judged(path))
    expect(ours(path)).toContain('user:7:r--,user:70:r--,user:700:r--')
  })
})

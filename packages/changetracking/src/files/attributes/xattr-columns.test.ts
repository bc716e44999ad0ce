import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { extendedAttributesOf } from '@tidemark/linux'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'

import { type Xattr, XATTR_BYTES_SHOWN_MAX, XATTRS_MAX, xattrColumns, xattrsText } from './xattr-columns.ts'

const names = { users: new Map([[1_000, 'alice']]), groups: new Map<number, string>() }
const empty = { Acls: '', SecurityLabel: '', Capabilities: '', Xattrs: '' }

function xattr(name: string, value: string): Xattr {
  return [name, Buffer.from(value, 'latin1')]
}

test('a path without attributes has empty columns', () => {
  expect(xattrColumns([], names)).toEqual(empty)
})

test('each attribute goes to its column, in whatever order they come', () => {
  const all: Xattr[] = [
    xattr('user.b', '2'),
    ['system.posix_acl_default', Buffer.from('0200000001000700ffffffff', 'hex')],
    xattr('security.selinux', 'system_u:object_r:etc_t:s0\0'),
    ['security.capability', Buffer.from('0100000200040000000000000000000000000000', 'hex')],
    xattr('user.a', '1'),
    ['system.posix_acl_access', Buffer.from('0200000002000400e8030000', 'hex')],
  ]
  const columns = {
    Acls: 'user:alice:r--,default:user::rwx',
    SecurityLabel: 'system_u:object_r:etc_t:s0',
    Capabilities: 'cap_net_bind_service=ep',
    Xattrs: '{"user.a":"1","user.b":"2"}',
  }
  expect(xattrColumns(all, names)).toEqual(columns)
  expect(xattrColumns(all.toReversed(), names)).toEqual(columns)
})

test('labels of several security modules are told with their names', () => {
  const all = [xattr('security.selinux', 'etc_t\0'), xattr('security.SMACK64', '_')]
  expect(xattrColumns(all, names)).toEqual({ ...empty, SecurityLabel: 'SMACK64=_, selinux=etc_t' })
})

test.each([
  { name: 'text', value: 'two\nlines', shown: 'two\nlines' },
  { name: 'no text', value: '\x00\xff', shown: 'base64:AP8=' },
  { name: 'a control character', value: '\x1b[1m', shown: 'base64:G1sxbQ==' },
  { name: 'UTF-8', value: '\xc3\xa9', shown: 'é' },
  { name: 'nothing', value: '', shown: '' },
  { name: 'text that looks like our own', value: 'base64:AP8=', shown: 'base64:YmFzZTY0OkFQOD0=' },
  { name: 'as much as is shown', value: 'a'.repeat(XATTR_BYTES_SHOWN_MAX), shown: 'a'.repeat(XATTR_BYTES_SHOWN_MAX) },
  {
    name: 'more than is shown',
    value: 'a'.repeat(1_000),
    shown: 'sha256:41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3, 1000 bytes',
  },
])('a value: $name', ({ value, shown }) => {
  expect(JSON.parse(xattrsText([xattr('user.a', value)]))).toEqual({ 'user.a': shown })
})

test('names are told as labels are, and none is special', () => {
  const text = xattrsText([xattr('user.\xff', '1'), xattr('__proto__', '2'), xattr('user."', '3')])
  expect(text).toBe(String.raw`{"__proto__":"2","user.\"":"3","user.\\xff":"1"}`)
})

test('what is beyond the limit is counted, and a change in it shows', () => {
  const many = Array.from({ length: XATTRS_MAX + 3 }, (_, index) =>
    xattr(`user.${String(index).padStart(3, '0')}`, 'a'),
  )
  const shown: Record<string, string> = JSON.parse(xattrsText(many))
  expect(Object.keys(shown)).toHaveLength(XATTRS_MAX + 1)
  expect(shown['…']).toMatch(/^3 more, sha256:[0-9a-f]{64}$/)
  const other = xattrsText([...many.slice(0, -1), xattr('user.066', 'b')])
  expect(JSON.parse(other)).toEqual({ ...shown, '…': expect.not.stringMatching(shown['…']!) })
})

const anyXattr = fc.tuple(
  fc.oneof(
    fc.constantFrom('system.posix_acl_access', 'system.posix_acl_default', 'security.capability', 'security.selinux'),
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 5 }),
    fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  ),
  fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('base64:AP8=', 'sha256:', 'text').map((text) => Buffer.from(text)),
  ),
)
const anyXattrs = fc.uniqueArray(anyXattr, { selector: ([name]) => name, maxLength: 100 })

// A mutant that failed here: printable text without the guard for what looks like our own forms.
test('any attributes: never throws, Xattrs is JSON or empty, and names and values can be read back', () => {
  fc.assert(
    fc.property(anyXattrs, (xattrs) => {
      const { Xattrs } = xattrColumns(xattrs, names)
      const rest = xattrs.filter(([name]) => !/^(system\.posix_acl_|security\.(capability|selinux))/.test(name))
      expect(Xattrs === '').toBe(rest.length === 0)
      const shown = Object.values<string>(JSON.parse(Xattrs || '{}'))
      expect(shown).toHaveLength(Math.min(rest.length, XATTRS_MAX + 1))
      const values = shown.map((text) =>
        text.startsWith('base64:') ? text.slice(7) : Buffer.from(text).toString('base64'),
      )
      if (rest.length <= XATTRS_MAX)
        expect(values.toSorted()).toEqual(rest.map(([, value]) => value.toString('base64')).toSorted())
    }),
  )
})

const folder = mkdtempSync(join(tmpdir(), 'tidemark-columns-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function whyNot(): string | undefined {
  const tools = ['/usr/bin/setfattr', '/usr/bin/setfacl', '/usr/sbin/setcap']
  if (!tools.every((path) => existsSync(path))) return 'apt-get install acl attr libcap2-bin'
  const path = join(folder, 'probe')
  writeFileSync(path, '')
  try {
    execFileSync('setfattr', ['-n', 'security.SMACK64', '-v', '_', path], { stdio: 'pipe' })
    return undefined
  } catch {
    return `nobody may label files in ${folder}: not root, or a file system without extended attributes`
  }
}

const missing = whyNot()

describe.skipIf(missing !== undefined)(`on a real file${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('what setfacl, setcap and setfattr did stands in its column', () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'content', { mode: 0o644 })
    execFileSync('setfacl', ['-m', 'u:1000:r', path])
    execFileSync('setcap', ['cap_net_raw=ep', path])
    execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', path])
    execFileSync('setfattr', ['-n', 'security.SMACK64', '-v', 'Web', path])
    expect(xattrColumns(extendedAttributesOf(Buffer.from(path)), names)).toEqual({
      Acls: 'user::rw-,user:alice:r--,group::r--,mask::r--,other::r--',
      SecurityLabel: 'Web',
      Capabilities: 'cap_net_raw=ep',
      Xattrs: '{"user.note":"kept"}',
    })
  })
})

import type { Owners } from '../owners.ts'
import { malformedText } from './shown-bytes.ts'

// <linux/posix_acl_xattr.h> and <linux/posix_acl.h>.
const VERSION = 2
const HEADER_BYTES = 4
const ENTRY_BYTES = 8
const PERMISSIONS_MAX = 7

/** Tags in the order in which getfacl(1) tells them, which is that of their numbers. */
const TAGS: Readonly<Record<number, { readonly word: string; readonly names?: keyof Owners }>> = {
  0x01: { word: 'user' },
  0x02: { word: 'user', names: 'users' },
  0x04: { word: 'group' },
  0x08: { word: 'group', names: 'groups' },
  0x10: { word: 'mask' },
  0x20: { word: 'other' },
}

interface AclEntry {
  readonly tag: number
  readonly permissions: number
  readonly id: number
}

/**
 * The text of an access control list (acl(5)) from the bytes of `system.posix_acl_access` or `system.posix_acl_default`:
 * what `getfacl --omit-header --no-effective` prints, joined by commas; a number where an id has no name. `undefined` for
 * a list without entries. Never throws: bytes that are no list are described.
 *
 *     ┌ version u32 = 2 ┐ then for each entry ┌ tag u16 ┬ permissions u16 ┬ id u32 ┐   all little-endian
 */
export function aclText(bytes: Buffer, kind: 'access' | 'default', names: Owners): string | undefined {
  const entries = parseAcl(bytes)
  if (entries === undefined) return `${prefixOf(kind)}${malformedText(bytes)}`
  if (entries.length === 0) return undefined
  // The kernel keeps entries of one tag in the order they came in; sorted, equal lists have equal texts, as with getfacl.
  const sorted = entries.toSorted((a, b) => a.tag - b.tag || a.id - b.id)
  return sorted.map((entry) => `${prefixOf(kind)}${entryText(entry, names)}`).join(',')
}

function prefixOf(kind: 'access' | 'default'): string {
  return kind === 'default' ? 'default:' : ''
}

function parseAcl(bytes: Buffer): AclEntry[] | undefined {
  if (bytes.length < HEADER_BYTES || (bytes.length - HEADER_BYTES) % ENTRY_BYTES !== 0) return undefined
  if (bytes.readUInt32LE(0) !== VERSION) return undefined
  const entries: AclEntry[] = []
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    const entry = {
      tag: bytes.readUInt16LE(at),
      permissions: bytes.readUInt16LE(at + 2),
      id: bytes.readUInt32LE(at + 4),
    }
    if (TAGS[entry.tag] === undefined || entry.permissions > PERMISSIONS_MAX) return undefined
    entries.push(entry)
  }
  return entries
}

function entryText({ tag, permissions, id }: AclEntry, names: Owners): string {
  const { word = '', names: kind } = TAGS[tag] ?? {}
  const who = kind === undefined ? '' : (names[kind].get(id) ?? String(id))
  return `${word}:${who}:${permissionsText(permissions)}`
}

function permissionsText(permissions: number): string {
  return `${permissions & 4 ? 'r' : '-'}${permissions & 2 ? 'w' : '-'}${permissions & 1 ? 'x' : '-'}`
}

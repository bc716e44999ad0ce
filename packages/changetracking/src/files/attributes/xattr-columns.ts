import type { Owners } from '../owners.ts'
import { aclText } from './acl.ts'
import { capabilitiesText } from './capabilities.ts'
import { securityLabelText } from './security-label.ts'
import { escapedText, isPrintable, sha256Of } from './shown-bytes.ts'

/** An extended attribute: its name as latin1 text, one character for each byte, and its value. */
export type Xattr = readonly [name: string, value: Buffer]

/** A longer value is told by its SHA-256 and size. */
export const XATTR_BYTES_SHOWN_MAX = 512

/** Of more attributes than this, the last by name are told together, by their number and one SHA-256. */
export const XATTRS_MAX = 64

/** What the extended attributes of a path say, by column; empty text where they say nothing. */
export interface AttributeColumns {
  readonly Acls: string
  readonly SecurityLabel: string
  readonly Capabilities: string
  /** A JSON object, name → value. */
  readonly Xattrs: string
}

const NONE: AttributeColumns = Object.freeze({ Acls: '', SecurityLabel: '', Capabilities: '', Xattrs: '' })

const ACCESS_ACL = 'system.posix_acl_access'
const DEFAULT_ACL = 'system.posix_acl_default'
const CAPABILITY = 'security.capability'
const LABELS: ReadonlySet<string> = new Set(['security.SMACK64', 'security.apparmor', 'security.selinux'])
const HAS_COLUMN: ReadonlySet<string> = new Set([ACCESS_ACL, DEFAULT_ACL, CAPABILITY, ...LABELS])

/** The columns of all extended attributes of a path, whatever order they come in. Pure, and never throws. */
export function xattrColumns(xattrs: readonly Xattr[], names: Owners): AttributeColumns {
  if (xattrs.length === 0) return NONE
  return {
    Acls: aclsText(xattrs, names),
    SecurityLabel: labelsText(xattrs),
    Capabilities: xattrs.flatMap(([name, value]) => (name === CAPABILITY ? [capabilitiesText(value)] : [])).join(' '),
    Xattrs: xattrsText(xattrs),
  }
}

function aclsText(xattrs: readonly Xattr[], names: Owners): string {
  const text = (attribute: string, kind: 'access' | 'default') =>
    xattrs.flatMap(([name, value]) => (name === attribute ? (aclText(value, kind, names) ?? []) : []))
  return [...text(ACCESS_ACL, 'access'), ...text(DEFAULT_ACL, 'default')].join(',')
}

/** One label is told as it is; several, which only a change of security modules leaves behind, each with its module. */
function labelsText(xattrs: readonly Xattr[]): string {
  const labels = byName(xattrs.filter(([name]) => LABELS.has(name)))
  if (labels.length === 1) return labels.map(([, value]) => securityLabelText(value)).join('')
  return labels.map(([name, value]) => `${name.slice('security.'.length)}=${securityLabelText(value)}`).join(', ')
}

/**
 * The attributes that have no column of their own as a JSON object, name → value, sorted by the bytes of the names; empty
 * text where there are none. A value is its text where that is printable UTF-8, else `base64:…`; one of more than
 * `XATTR_BYTES_SHOWN_MAX` bytes is `sha256:…, 4096 bytes`. What is beyond `XATTRS_MAX` is told under the name `…`.
 */
export function xattrsText(xattrs: readonly Xattr[]): string {
  const rest = byName(xattrs.filter(([name]) => !HAS_COLUMN.has(name)))
  if (rest.length === 0) return ''
  const members = rest
    .slice(0, XATTRS_MAX)
    .map(([name, value]) => `${JSON.stringify(nameText(name))}:${JSON.stringify(valueText(value))}`)
  if (rest.length > XATTRS_MAX) members.push(`"…":${JSON.stringify(beyondText(rest.slice(XATTRS_MAX)))}`)
  return `{${members.join(',')}}`
}

function byName(xattrs: readonly Xattr[]): Xattr[] {
  return xattrs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function nameText(name: string): string {
  return escapedText(Buffer.from(name, 'latin1'))
}

function valueText(value: Buffer): string {
  if (value.length > XATTR_BYTES_SHOWN_MAX) return `sha256:${sha256Of(value)}, ${value.length} bytes`
  const text = isPrintable(value) ? value.toString('utf8') : undefined
  // A text that looks like one of our own forms takes the form that cannot be mistaken.
  return text === undefined || /^(base64|sha256):/.test(text) ? `base64:${value.toString('base64')}` : text
}

/** Lengths are hashed too: no two lists of attributes give one text. */
function beyondText(xattrs: readonly Xattr[]): string {
  const lengths = xattrs.flatMap(([name, value]) => [name.length, value.length])
  const parts = xattrs.flatMap(([name, value]) => [Buffer.from(name, 'latin1'), value])
  return `${xattrs.length} more, sha256:${sha256Of(Buffer.concat([Buffer.from(lengths.join(',')), ...parts]))}`
}

/** The fields of a stanza that are read, as dpkg keeps them: names in lower case, values without space at their ends. */
export interface Stanza {
  readonly name: string
  /** Empty where the stanza says none. */
  readonly architecture: string
  readonly version: string
  /** What is wanted, the error flag and the state (dpkg(1), "Information about packages"); none in `status.d`. */
  readonly status: { readonly wanted: string; readonly flag: string; readonly state: string } | undefined
  /** Whether several architectures of it go together (`Multi-Arch: same`). */
  readonly isCoinstallable: boolean
  readonly maintainer: string
  readonly installedKib: string
  /** Folded lines as they stand, each with its newline and the blank before it. */
  readonly description: string
}

/** A stanza, or why dpkg would not take it. */
export type ReadStanza =
  | { readonly kind: 'stanza'; readonly stanza: Stanza }
  | { readonly kind: 'problem'; readonly line: number; readonly problem: string }

/** Bytes of one stanza at most. */
export const STANZA_BYTES_MAX = 16 * 1024 * 1024

const WANTED = new Set(['unknown', 'install', 'hold', 'deinstall', 'purge'])
const FLAGS = new Set(['ok', 'reinstreq'])
const STATES = new Set([
  'not-installed',
  'config-files',
  'half-installed',
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
  'installed',
])

const READ = new Set([
  'package',
  'architecture',
  'multi-arch',
  'version',
  'status',
  'maintainer',
  'installed-size',
  'description',
])
// The first letters of the fields that are read, in both cases: of most lines nothing else is looked at.
const FIRST = new Set([...'pPaAvVsSmMiIdD'].map((letter) => letter.charCodeAt(0)))
const NEWLINE = 10
const SPACE = 32
const TAB = 9

/** Reads the stanzas of a file of dpkg's (deb-control(5)) as its bytes come. Total; ends at the first problem. */
export function* readStanzas(pieces: Iterable<Buffer>): Generator<ReadStanza> {
  let rest = ''
  const place = { line: 1 }
  for (const piece of pieces) {
    const text = rest + piece.toString('latin1')
    let at = 0
    for (let end = text.indexOf('\n\n', at); end >= 0; end = text.indexOf('\n\n', at)) {
      yield* readStanza(text.slice(at, end + 1), place)
      place.line += 1
      at = end + 2
    }
    rest = text.slice(at)
    if (rest.length > STANZA_BYTES_MAX)
      return yield { kind: 'problem', line: place.line, problem: `a stanza has more than ${STANZA_BYTES_MAX} bytes` }
  }
  yield* readStanza(rest, place)
}

// More than one empty line between two stanzas is as good as one.
function* readStanza(text: string, place: { line: number }): Generator<ReadStanza> {
  let skipped = 0
  while (text.charCodeAt(skipped) === NEWLINE) skipped += 1
  place.line += skipped
  if (skipped < text.length) yield stanzaOf(skipped === 0 ? text : text.slice(skipped), place)
}

/** Reads one stanza and moves the place behind it. */
function stanzaOf(text: string, place: { line: number }): ReadStanza {
  const fields: Record<string, string> = {}
  const first = place.line
  const refused = (problem: string, line = place.line): ReadStanza => ({ kind: 'problem', line, problem })
  for (let at = 0; at < text.length;) {
    const letter = text.charCodeAt(at)
    const line = place.line
    const end = endOfField(text, at, place)
    if (end < 0) return refused('the file ends in the middle of a line')
    const colon = text.indexOf(':', at)
    if (colon <= at || colon > end || letter === SPACE || letter === TAB)
      return refused('no field name with a colon begins this line', line)
    if (FIRST.has(letter)) {
      const name = text.slice(at, colon).trimEnd().toLowerCase()
      if (fields[name] !== undefined) return refused(`the field ${name} comes twice`, line)
      if (READ.has(name)) fields[name] = valueOf(text.slice(colon + 1, end))
    }
    at = end + 1
  }
  const stanza = understood(fields)
  return typeof stanza === 'string' ? refused(stanza, first) : { kind: 'stanza', stanza }
}

/** The newline that ends a field with all lines that continue it; -1 where there is none. */
function endOfField(text: string, at: number, place: { line: number }): number {
  for (let end = text.indexOf('\n', at); ; end = text.indexOf('\n', end + 1)) {
    if (end < 0) return -1
    place.line += 1
    const next = text.charCodeAt(end + 1)
    if (next !== SPACE && next !== TAB) return end
  }
}

function understood(fields: Readonly<Record<string, string>>): Stanza | string {
  const { package: name = '', architecture = '', version = '', status, maintainer = '', description = '' } = fields
  if (name === '') return 'a stanza without a package’s name'
  const words = status?.toLowerCase().split(/\s+/)
  const [wanted = '', flag = '', state = ''] = words ?? []
  if (words !== undefined && !(words.length === 3 && WANTED.has(wanted) && FLAGS.has(flag) && STATES.has(state)))
    return `"${status}" is no status of a package`
  const shown = versionAsShown(version)
  if (shown === undefined) return `"${version}" is no version`
  return {
    name: name.toLowerCase(),
    architecture,
    version: shown,
    status: words === undefined ? undefined : { wanted, flag, state },
    isCoinstallable: fields['multi-arch']?.toLowerCase() === 'same',
    maintainer,
    installedKib: fields['installed-size'] ?? '',
    description,
  }
}

/** A version in dpkg's own spelling: an epoch of zero is left out where nothing else has a colon (deb-version(7)). */
function versionAsShown(version: string): string | undefined {
  const colon = version.indexOf(':')
  if (colon < 0) return /\s/.test(version) ? undefined : version
  const epoch = version.slice(0, colon)
  const rest = version.slice(colon + 1)
  if (!/^\d+$/.test(epoch) || rest === '' || /\s/.test(rest)) return undefined
  return Number(epoch) === 0 && !rest.includes(':') ? rest : `${Number(epoch)}:${rest}`
}

// Blanks of isspace(3) in the C locale; `trim` would take more.
const BLANKS = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g

function valueOf(latin1: string): string {
  const text = latin1.replace(BLANKS, '')
  return /[\u0080-\u00ff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
}

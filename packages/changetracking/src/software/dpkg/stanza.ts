import { isAscii } from 'node:buffer'

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

// Places of the fields that are read, in `Cells`.
const PACKAGE = 0
const ARCHITECTURE = 1
const MULTI_ARCH = 2
const VERSION = 3
const STATUS = 4
const MAINTAINER = 5
const SIZE = 6
const DESCRIPTION = 7
const NAMES = [
  'package',
  'architecture',
  'multi-arch',
  'version',
  'status',
  'maintainer',
  'installed-size',
  'description',
] as const

// By the first letter, whose case its upper bits say.
const PLACES: [name: string, place: number][][] = []
for (const [place, name] of NAMES.entries()) (PLACES[name.charCodeAt(0) & 0x1f] ??= []).push([name, place])

type Cells = (string | undefined)[]

const NEWLINE = 10
const SPACE = 32
const TAB = 9
const COLON = 58

/**
 * Reads the stanzas of a file of dpkg's (deb-control(5)) as its bytes come. Total; ends at the first problem. Most bytes are
 * only walked over: text is made of the fields that are read.
 */
export function* readStanzas(pieces: Iterable<Buffer>): Generator<ReadStanza> {
  let rest: Buffer = Buffer.alloc(0)
  let line = 1
  for (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const walk = new StanzaWalk(bytes, line)
    // Up to the last empty line; what is behind it goes on in the next piece.
    yield* walk.stanzas(bytes.lastIndexOf('\n\n') + 1)
    if (walk.isRefused) return
    line = walk.line
    rest = Buffer.from(bytes.subarray(walk.at))
    if (rest.length > STANZA_BYTES_MAX) return yield refused(line, `a stanza has more than ${STANZA_BYTES_MAX} bytes`)
  }
  yield* new StanzaWalk(rest, line).stanzas(rest.length)
}

/** Walks over bytes from stanza to stanza, and counts lines. */
class StanzaWalk {
  at = 0
  line: number
  isRefused = false
  readonly #bytes: Buffer
  /** One character for each byte. */
  readonly #text: string
  readonly #isAscii: boolean
  readonly #cells: Cells = NAMES.map(() => undefined)

  constructor(bytes: Buffer, line: number) {
    this.#bytes = bytes
    this.#text = bytes.toString('latin1')
    this.#isAscii = isAscii(bytes)
    this.line = line
  }

  /** The stanzas that end before `end`; up to the first problem. */
  *stanzas(end: number): Generator<ReadStanza> {
    while (!this.isRefused) {
      // More than one empty line between two stanzas is as good as one.
      while (this.at < end && this.#bytes[this.at] === NEWLINE) this.#passLine(this.at)
      if (this.at >= end) return
      const read = this.#stanza(end)
      this.isRefused = read.kind === 'problem'
      yield read
    }
  }

  #stanza(end: number): ReadStanza {
    const first = this.line
    const cells = this.#cells.fill(undefined)
    while (this.at < end && this.#bytes[this.at] !== NEWLINE) {
      const problem = this.#field(end, cells)
      if (problem !== undefined) return problem
    }
    const stanza = understood(cells)
    return typeof stanza === 'string' ? refused(first, stanza) : { kind: 'stanza', stanza }
  }

  #passLine(newline: number): void {
    this.at = newline + 1
    this.line += 1
  }

  /** Reads one field with all lines that continue it. */
  #field(end: number, cells: Cells): ReadStanza | undefined {
    const bytes = this.#bytes
    const { at: start, line } = this
    const first = bytes[start]
    let stop = start
    for (;;) {
      stop = this.#text.indexOf('\n', stop)
      if (stop < 0 || stop >= end) return refused(this.line, 'the file ends in the middle of a line')
      this.#passLine(stop)
      stop += 1
      const next = bytes[stop]
      if (stop >= end || (next !== SPACE && next !== TAB)) break
    }
    let colon = start
    for (let byte = first; byte !== COLON && byte !== NEWLINE; byte = bytes[colon]) colon += 1
    if (bytes[colon] !== COLON || colon === start || first === SPACE || first === TAB)
      return refused(line, 'no field name with a colon begins this line')
    const place = this.#placeOf(start, colon)
    if (place < 0) return undefined
    if (cells[place] !== undefined) return refused(line, `the field ${NAMES[place] ?? ''} comes twice`)
    cells[place] = this.#value(colon + 1, stop)
    return undefined
  }

  /** Which field this is; -1 for one that is not read. Letter case does not count, nor do blanks before the colon. */
  #placeOf(start: number, colon: number): number {
    const places = PLACES[(this.#bytes[start] ?? 0) & 0x1f]
    if (places === undefined) return -1
    let end = colon
    while (isBlank(this.#bytes[end - 1])) end -= 1
    for (const [name, place] of places)
      if (name.length === end - start && this.#text.slice(start, end).toLowerCase() === name) return place
    return -1
  }

  #value(from: number, to: number): string {
    let [start, end] = [from, to]
    while (start < end && isBlank(this.#bytes[start])) start += 1
    while (end > start && isBlank(this.#bytes[end - 1])) end -= 1
    const text = this.#text.slice(start, end)
    return this.#isAscii || !/[\u0080-\u00ff]/.test(text) ? text : this.#bytes.toString('utf8', start, end)
  }
}

/** isspace(3) in the C locale. */
function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || (byte !== undefined && byte >= TAB && byte <= 13)
}

function refused(line: number, problem: string): ReadStanza {
  return { kind: 'problem', line, problem }
}

const INSTALLED = { wanted: 'install', flag: 'ok', state: 'installed' } as const

function understood(cells: Cells): Stanza | string {
  const name = cells[PACKAGE] ?? ''
  if (name === '') return 'a stanza without a package’s name'
  const status = statusOf(cells[STATUS])
  if (typeof status === 'string') return status
  const version = cells[VERSION] ?? ''
  const shown = versionAsShown(version)
  if (shown === undefined) return `"${version}" is no version`
  return {
    name: name.toLowerCase(),
    architecture: cells[ARCHITECTURE] ?? '',
    version: shown,
    status,
    isCoinstallable: cells[MULTI_ARCH]?.toLowerCase() === 'same',
    maintainer: cells[MAINTAINER] ?? '',
    installedKib: cells[SIZE] ?? '',
    description: cells[DESCRIPTION] ?? '',
  }
}

function statusOf(text: string | undefined): Stanza['status'] | string {
  if (text === undefined) return undefined
  if (text === 'install ok installed') return INSTALLED
  const words = text.toLowerCase().split(/\s+/)
  const [wanted = '', flag = '', state = ''] = words
  if (words.length === 3 && WANTED.has(wanted) && FLAGS.has(flag) && STATES.has(state)) return { wanted, flag, state }
  return `"${text}" is no status of a package`
}

/** A version in dpkg's own spelling: an epoch of zero is left out where nothing else has a colon (deb-version(7)). */
function versionAsShown(version: string): string | undefined {
  if (/\s/.test(version)) return undefined
  const colon = version.indexOf(':')
  if (colon < 0) return version
  const epoch = version.slice(0, colon)
  const rest = version.slice(colon + 1)
  if (!/^\d+$/.test(epoch) || rest === '') return undefined
  return Number(epoch) === 0 && !rest.includes(':') ? rest : `${Number(epoch)}:${rest}`
}

import { Buffer } from 'node:buffer'

/** Bytes of one unit file or drop-in that are read (systemd takes a line of 1 MiB, which nobody writes). */
export const UNIT_FILE_BYTES_MAX = 1024 * 1024

/** Assignments of a unit file in their order; an empty one takes back those of its key before it. */
export interface UnitAssignment {
  readonly section: string
  readonly key: string
  readonly value: string
}

/** What a unit file says, and what in it systemd passes over, by line from 1. */
export interface ParsedUnit {
  readonly assignments: readonly UnitAssignment[]
  readonly problems: readonly { readonly line: number; readonly what: string }[]
}

/**
 * Reads a unit file as systemd does (systemd.syntax(7)): `\` at the end of a line goes on with the next one, lines of comments in
 * between are passed over, a line that is not UTF-8 does not count, nor does one outside of a section. Total: any bytes give what
 * can be understood of them.
 */
export function parseUnitFile(bytes: Uint8Array): ParsedUnit {
  const assignments: UnitAssignment[] = []
  const problems: { line: number; what: string }[] = []
  let section: string | undefined
  for (const { line, text } of logicalLines(bytes, problems)) {
    const header = /^\[(.*)\]$/.exec(text)?.[1]
    const equals = text.indexOf('=')
    if (header !== undefined) section = header
    else if (text.startsWith('[')) problems.push({ line, what: NO_END })
    else if (equals < 0) problems.push({ line, what: 'a line has no "="' })
    else if (section === undefined) problems.push({ line, what: 'an assignment is in no section' })
    else {
      const key = text.slice(0, equals).trim()
      if (key === '') problems.push({ line, what: 'an assignment has no name' })
      else assignments.push({ section, key, value: text.slice(equals + 1).trim() })
    }
  }
  return { assignments, problems }
}

function* logicalLines(
  bytes: Uint8Array,
  problems: { line: number; what: string }[],
): Generator<{ readonly line: number; readonly text: string }> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split(/\r?\n/)
  let joined = ''
  let isOpen = false
  for (const [index, raw] of lines.entries()) {
    const trimmed = raw.replace(/^[ \t\r]+/, '')
    if (/^[#;]/.test(trimmed) || (trimmed === '' && !isOpen)) continue
    // An odd number of backslashes at the end: the last one is not taken by the one before it.
    isOpen = (/\\+$/.exec(raw)?.[0].length ?? 0) % 2 === 1
    joined += isOpen ? `${raw.slice(0, -1)} ` : raw
    if (isOpen && index < lines.length - 1) continue
    const text = decoded(decoder, joined)
    joined = ''
    isOpen = false
    if (text === undefined) problems.push({ line: index + 1, what: 'a line is not UTF-8' })
    else if (text !== '') yield { line: index + 1, text }
  }
}

function decoded(decoder: InstanceType<typeof TextDecoder>, latin1: string): string | undefined {
  try {
    return decoder.decode(Buffer.from(latin1, 'latin1')).trim()
  } catch {
    return undefined
  }
}

const NO_END = 'a section has no end'

/** Whether systemd refuses the file: other problems cost only their line. */
export function isBroken({ problems }: Pick<ParsedUnit, 'problems'>): boolean {
  return problems.some(({ what }) => what === NO_END)
}

/** All values of a list such as `WantedBy=` or `ExecStart=`, with those taken back that an empty assignment takes back. */
export function valuesOf(unit: Pick<ParsedUnit, 'assignments'>, section: string, key: string): string[] {
  let values: string[] = []
  for (const each of unit.assignments) {
    if (each.section !== section || each.key !== key) continue
    if (each.value === '') values = []
    else values.push(each.value)
  }
  return values
}

/** The last value of a setting, empty where it has none. */
export function valueOf(unit: Pick<ParsedUnit, 'assignments'>, section: string, key: string): string {
  return valuesOf(unit, section, key).at(-1) ?? ''
}

/** Words of a value: separated by blanks, in quotes where they hold some, with `\` before what is taken as it is. */
export function wordsOf(value: string): string[] {
  return [
    ...value.matchAll(/(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^\s"'\\]|\\.)(?:[^\s\\]|\\.)*))(?=\s|$)/g),
  ].map(([, double, single, plain]) => (double ?? single ?? plain ?? '').replace(/\\(["'\\ ])/g, '$1'))
}

import type { ContentHunk } from '@tidemark/model'

import { type Colour, coloured, safeText, type Terminal } from '../terminal/terminal.ts'

const colourOf: Readonly<Record<string, Colour>> = { '-': 'red', '+': 'green', '\\': 'dim' }

/** The lines of a difference as `diff -u` prints them; titles are its first two lines. */
export function unifiedLines(
  terminal: Terminal,
  hunks: readonly ContentHunk[],
  titles: { readonly from: string; readonly to: string },
): string[] {
  return [
    coloured(terminal, 'bold', `--- ${titles.from}`),
    coloured(terminal, 'bold', `+++ ${titles.to}`),
    ...hunks.flatMap((hunk) => [
      coloured(terminal, 'cyan', headOf(hunk)),
      ...hunk.lines.map((line) => inColour(terminal, line[0], shown(line))),
    ]),
  ]
}

function headOf({ fromStart, fromLines, toStart, toLines }: ContentHunk): string {
  return `@@ -${fromStart},${fromLines} +${toStart},${toLines} @@`
}

function inColour(terminal: Terminal, mark: string | undefined, text: string): string {
  const colour = colourOf[mark ?? '']
  return colour === undefined ? text : coloured(terminal, colour, text)
}

/** Tabs stay: they are part of many files' form. */
function shown(line: string): string {
  return line.split('\t').map(safeText).join('\t')
}

/** Columns of the least useful side. */
const SIDE_COLUMNS_MIN = 20
const TAB_COLUMNS = 8

/** Both sides beside each other in the terminal's width: `|` for changed lines, `<` and `>` for those of one side. */
export function sideBySideLines(
  terminal: Terminal,
  hunks: readonly ContentHunk[],
  titles: { readonly from: string; readonly to: string },
): string[] {
  const side = Math.max(SIDE_COLUMNS_MIN, Math.floor((terminal.columns - 3) / 2))
  const row = (from: string, mark: string, to: string): string =>
    `${fitted(from, side)} ${mark} ${fitted(to, side).trimEnd()}`
  return [
    coloured(terminal, 'bold', row(titles.from, ' ', titles.to)),
    ...hunks.flatMap((hunk) => [
      coloured(terminal, 'cyan', headOf(hunk)),
      ...pairsOf(hunk.lines).map(({ from, to }) => {
        if (from !== undefined && to !== undefined && from === to) return row(from, ' ', to).trimEnd()
        if (to === undefined) return coloured(terminal, 'red', row(from ?? '', '<', '').trimEnd())
        if (from === undefined) return coloured(terminal, 'green', row('', '>', to))
        return coloured(terminal, 'yellow', row(from, '|', to))
      }),
    ]),
  ]
}

/** Lines that stand beside each other: those that are the same, and those that were replaced one by one. */
function pairsOf(lines: readonly string[]): { readonly from?: string; readonly to?: string }[] {
  const pairs: { from?: string; to?: string }[] = []
  let removed: string[] = []
  let added: string[] = []
  const flush = (): void => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      const [from, to] = [removed[index], added[index]]
      pairs.push({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) })
    }
    removed = []
    added = []
  }
  for (const line of lines) {
    const text = expanded(line.slice(1))
    if (line.startsWith('-')) removed.push(text)
    else if (line.startsWith('+')) added.push(text)
    else if (!line.startsWith('\\')) {
      flush()
      pairs.push({ from: text, to: text })
    }
  }
  flush()
  return pairs
}

function expanded(text: string): string {
  return text
    .split('\t')
    .map(safeText)
    .reduce((line, part) => `${line}${' '.repeat(TAB_COLUMNS - (line.length % TAB_COLUMNS))}${part}`)
}

function fitted(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text.padEnd(columns)
}

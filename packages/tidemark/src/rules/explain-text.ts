import { unreachable } from '@tidemark/base'
import type { EntryVerdict, Explanation, PathFacts } from '@tidemark/changetracking'

import { coloured, safeText, type Terminal } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'

/** An explanation for people: the answer first, then what each entry says. */
export function explanationText(terminal: Terminal, explanation: Explanation, facts: PathFacts | undefined): string {
  const { path, isTracked, governing, entries } = explanation
  const answer = coloured(terminal, isTracked ? 'green' : 'red', isTracked ? 'tracked' : 'not tracked')
  const isThere = facts === undefined ? ' (nothing is there)' : ''
  const lines = [`${safeText(path)}: ${answer}${isThere}`]
  if (governing) lines.push(...howText(explanation, governing))
  if (entries.length === 0) lines.push('No rule has an entry for files.')
  else {
    const rows = entries.map(({ rule, entry, verdict }) => [
      rule,
      entry.name,
      entry.destinationPath,
      verdictText(verdict),
    ])
    const [title = '', ...table] = textTable(
      [{ title: 'RULE' }, { title: 'ENTRY' }, { title: 'PATTERN' }, { title: 'THIS PATH' }],
      rows,
    )
    lines.push('', coloured(terminal, 'bold', title), ...table)
  }
  return `${lines.join('\n')}\n`
}

function howText(explanation: Explanation, { rule, entry }: NonNullable<Explanation['governing']>): string[] {
  const content = explanation.uploadContent ? 'each version is kept' : 'not kept'
  const method: Readonly<Record<typeof entry.checksum, string>> = {
    sha256: 'by content (sha256)',
    md5: 'by content (md5)',
    mtime: 'by its time of modification; content is not read',
    ctime: 'by its time of change; content is not read',
  }
  return [
    `  looked at as  entry "${safeText(entry.name)}" of rule "${safeText(rule)}" says`,
    `  compared      ${method[entry.checksum]}`,
    `  content       ${content}`,
    ...(explanation.frequencySeconds === undefined ? [] : [`  every         ${explanation.frequencySeconds} s`]),
  ]
}

function verdictText(verdict: EntryVerdict): string {
  switch (verdict.kind) {
    case 'tracks':
      return verdict.ifType === undefined ? 'tracked' : `tracked, if it becomes a ${noun(verdict.ifType)}`
    case 'files-off':
      return 'its rule tracks no files (enableFiles)'
    case 'disabled':
      return 'the entry is disabled'
    case 'no-match':
      return verdict.name === undefined
        ? `no match: the path ends before "${verdict.segment}"`
        : `no match: "${verdict.segment}" is not "${verdict.name}"`
    case 'not-recursive':
      return 'no match without recurse'
    case 'excluded':
      return `excluded by "${verdict.pattern}" of ${verdict.rule === undefined ? 'this entry' : `rule "${verdict.rule}"`}, at ${verdict.at}`
    case 'wrong-type':
      return `wrong type: it is a ${verdict.found}, the entry wants a ${noun(verdict.wanted)}`
    case 'link-left-out':
      return `left out: ${verdict.link} is a symbolic link, and links is ${verdict.links}`
    default:
      return unreachable(verdict)
  }
}

function noun(type: 'File' | 'Directory'): string {
  return type === 'File' ? 'file' : 'directory'
}

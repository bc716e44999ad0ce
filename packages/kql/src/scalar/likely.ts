import type { SyntaxNode } from '../analyzer/kusto.ts'
import { nearestName, problemAt } from '../problem.ts'
import type { Scope } from '../scope.ts'
import type { Scalar } from './scalar.ts'

/** Words for what the described service has on Windows, and what it is called here. */
const SAME_THING: Readonly<Record<string, string>> = {
  services: 'Daemons',
  service: 'Daemons',
  windowsservices: 'Daemons',
  'windows services': 'Daemons',
  daemon: 'Daemons',
  file: 'Files',
  packages: 'Software',
  package: 'Software',
  deleted: 'Removed',
  created: 'Added',
  changed: 'Modified',
  updated: 'Modified',
}

/** A text that is a workbook's placeholder and nothing else is looked for as it stands, which is hardly meant. */
export function hintPlaceholder(
  text: string,
  { TextStart: offset, Width: length }: SyntaxNode,
  scope: Pick<Scope, 'hint' | 'text'>,
): void {
  if (!/^\{\s*[A-Za-z_]\w*(?::[\w:.]+)?\s*\}$/.test(text)) return
  const message = `${text} is a placeholder that an Azure workbook fills in before it asks; here it is a text like any other`
  scope.hint(problemAt(scope.text, { code: 'placeholder-text', message, offset, length }))
}

/** Gives a hint where a column is compared with a text that it never holds. */
export function hintUnlikely(
  column: Scalar,
  value: Scalar,
  { node, scope, isFolded = false }: { readonly node: SyntaxNode; readonly scope: Scope; readonly isFolded?: boolean },
): void {
  const { values } = column
  const { constant } = value
  if (values === undefined || typeof constant !== 'string') return
  if (values.includes(constant)) return
  if (isFolded && values.some((known) => known.toLowerCase() === constant.toLowerCase())) return
  const same = SAME_THING[constant.toLowerCase()]
  const suggestion = same !== undefined && values.includes(same) ? same : nearestName(constant, values)
  const known = values.map((one) => `"${one}"`).join(', ')
  const meant = suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`
  scope.hint(
    problemAt(
      scope.text,
      {
        code: 'unlikely-value',
        message: `${column.name ?? 'the column'} never is "${constant}"; it is one of ${known}.${meant}`,
        offset: node.TextStart,
        length: node.Width,
      },
      suggestion === undefined ? undefined : `"${suggestion}"`,
    ),
  )
}

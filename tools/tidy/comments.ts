import { parseSync } from 'oxc-parser'

import { isCode } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { asNode, nodesIn, syntaxOf } from './syntax.ts'
import type { Comment, SyntaxNode } from './syntax.ts'

/** A task in a comment names its issue: `TODO(#12)` (style 19). */
export function todoComments(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isCode(file) || file.path.endsWith('.mjs'))
    .flatMap((file) => {
      const { comments, lineAt } = syntaxOf(file)
      return comments.flatMap((comment) => {
        const task = /\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/.exec(comment.text)
        return task ? [`${file.path}:${lineAt(comment.start)}: ${task[1]} without an issue; write TODO(#12)`] : []
      })
    })
}

/** No commented-out code: git remembers it (style 19). Examples in doc comments are no such code. */
export function commentedOutCode(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isCode(file) || file.path.endsWith('.mjs'))
    .flatMap((file) => {
      const { lineAt } = syntaxOf(file)
      return commentGroups(file)
        .filter(({ text }) => isCommentedCode(text))
        .map(({ start }) => `${file.path}:${lineAt(start)}: commented-out code; delete it, git remembers`)
    })
}

interface CommentGroup {
  readonly text: string
  readonly start: number
}

/** Line comments on neighbouring lines are read as one; and each line also by itself. */
function commentGroups(file: SourceFile): CommentGroup[] {
  const { comments, lineAt } = syntaxOf(file)
  const groups: { text: string; start: number; lastLine: number }[] = []
  for (const comment of comments) {
    if (isDocumentation(comment)) continue
    const line = lineAt(comment.start)
    const before = groups.at(-1)
    if (comment.kind === 'line' && before?.lastLine === line - 1) {
      before.text += `\n${comment.text}`
      before.lastLine = line
    } else {
      groups.push({ text: comment.text, start: comment.start, lastLine: lineAt(comment.end) })
    }
  }
  return groups.filter(({ text }) => text.trim() !== '')
}

function isDocumentation(comment: Comment): boolean {
  return comment.kind === 'block' && comment.text.startsWith('*')
}

function isCommentedCode(text: string): boolean {
  if (isProgram(text)) return true
  const lines = text.split('\n')
  return (
    lines.length > 1 &&
    lines.some((line) => /^\s*(const|let|import|export|await|return|expect)\b/.test(line) && isProgram(line))
  )
}

function isProgram(text: string): boolean {
  // Prose hardly ever parses; what does parse must also do something.
  const asModule = parseSync('comment.tsx', text)
  if (asModule.errors.length === 0) return statementsOf(asModule.program).some(doesSomething)
  const asBody = parseSync('comment.tsx', `async function* commented() {${text}\n}`)
  if (asBody.errors.length > 0) return false
  const [wrapper] = statementsOf(asBody.program)
  return nodesIn(asNode(wrapper?.['body'])?.['body']).some(doesSomething)
}

function statementsOf(program: unknown): SyntaxNode[] {
  return nodesIn(asNode(program)?.['body'])
}

function doesSomething(statement: SyntaxNode): boolean {
  if (
    /^(VariableDeclaration|ImportDeclaration|Export\w+|IfStatement|For\w*Statement|WhileStatement|FunctionDeclaration|ClassDeclaration|TryStatement|TS(Interface|TypeAlias)Declaration)$/.test(
      statement.type,
    )
  )
    return true
  if (statement.type === 'ReturnStatement')
    return /^(CallExpression|AwaitExpression|ObjectExpression|JSXElement|MemberExpression)$/.test(
      asNode(statement['argument'])?.type ?? '',
    )
  return isDeed(asNode(statement['expression']))
}

function isDeed(expression: SyntaxNode | undefined): boolean {
  if (expression?.type === 'CallExpression') return !isManualPage(expression)
  if (expression?.type === 'AssignmentExpression') return asNode(expression['left'])?.type === 'MemberExpression'
  return expression?.type === 'AwaitExpression' || expression?.type === 'JSXElement'
}

/** `dpkg(1)`, the name of a manual page, is also a call. */
function isManualPage(call: SyntaxNode): boolean {
  const [section, ...more] = nodesIn(call['arguments'])
  return asNode(call['callee'])?.type === 'Identifier' && more.length === 0 && typeof section?.['value'] === 'number'
}

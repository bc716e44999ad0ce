import { isCode, isTestCode } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { dottedName, nameOf, nodesIn, nodesUnder, syntaxOf } from './syntax.ts'
import type { SyntaxNode } from './syntax.ts'

const FILE_LINES_MAX = 400
const FUNCTION_LINES_MAX = 60
const MAIN_LINES_MAX = 60

/** A file is one sitting; `main.ts` is a table of contents (style 4 and 17). */
export function fileCeiling(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isCode(file) || file.path.endsWith('.mjs'))
    .flatMap((file) => {
      const lineCount = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0)
      if (/^packages\/.*\/main\.tsx?$/.test(file.path) && lineCount > MAIN_LINES_MAX)
        return [
          `${file.path}: ${lineCount} lines; main is a table of contents of at most ${MAIN_LINES_MAX}, its logic belongs in a room`,
        ]
      return lineCount > FILE_LINES_MAX
        ? [`${file.path}: ${lineCount} lines; a file has at most ${FILE_LINES_MAX}, find the second idea in it`]
        : []
    })
}

/** A function is one screen (style 17). A suite (a callback with tests in it) is a chapter, not a function. */
export function functionCeiling(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isCode(file) || file.path.endsWith('.mjs'))
    .flatMap((file) => {
      const { program, lineAt } = syntaxOf(file)
      return functionsUnder(program)
        .map(({ node, name }) => ({
          node,
          name,
          line: lineAt(node.start),
          lineCount: lineAt(node.end) - lineAt(node.start) + 1,
        }))
        .filter(({ node, lineCount }) => lineCount > FUNCTION_LINES_MAX && !(isTestCode(file.path) && isSuite(node)))
        .map(
          ({ name, line, lineCount }) =>
            `${file.path}:${line}: ${name} has ${lineCount} lines; a function has at most ${FUNCTION_LINES_MAX}`,
        )
    })
}

interface NamedFunction {
  readonly node: SyntaxNode
  readonly name: string
}

function functionsUnder(root: SyntaxNode): NamedFunction[] {
  const names = new Map<number, string>()
  const found: NamedFunction[] = []
  for (const node of nodesUnder(root)) {
    rememberName(names, node)
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) continue
    found.push({ node, name: nameOf(node['id']) ?? names.get(node.start) ?? 'a function' })
  }
  return found
}

/** A function expression is called by what it is given to: a variable, a method, a property. */
function rememberName(names: Map<number, string>, node: SyntaxNode): void {
  const value = nodesIn([node.type === 'VariableDeclarator' ? node['init'] : node['value']])[0]
  const name = nameOf(node['id']) ?? nameOf(node['key'])
  if (value !== undefined && name !== undefined) names.set(value.start, name)
}

function isSuite(node: SyntaxNode): boolean {
  for (const inner of nodesUnder(node)) {
    if (inner.type !== 'CallExpression') continue
    let callee: unknown = inner['callee']
    // test.each(rows)('name', …) is a call of a call.
    while (nodesIn([callee])[0]?.type === 'CallExpression') callee = nodesIn([callee])[0]?.['callee']
    if (/^(describe|test|it)(\.|$)/.test(dottedName(callee) ?? '')) return true
  }
  return false
}

/** Behaviour is added by wrapping; only an error inherits (style 8). */
export function inheritance(files: readonly SourceFile[]): string[] {
  return files.filter(isCode).flatMap((file) => {
    const { program, lineAt } = syntaxOf(file)
    return [...nodesUnder(program)]
      .filter((node) => /^Class(Declaration|Expression)$/.test(node.type) && nodesIn([node['superClass']]).length > 0)
      .filter((node) => dottedName(node['superClass']) !== 'Error')
      .map((node) => {
        const parent = dottedName(node['superClass']) ?? 'an expression'
        return `${file.path}:${lineAt(node.start)}: ${nameOf(node['id']) ?? 'a class'} extends ${parent}; wrap it instead, only errors inherit (from Error)`
      })
  })
}

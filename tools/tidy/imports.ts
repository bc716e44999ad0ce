import type { SourceFile } from './source-file.ts'
import { asNode, dottedName, nameOf, nodesIn, nodesUnder, syntaxOf } from './syntax.ts'
import type { SyntaxNode } from './syntax.ts'

/** One place where a file names another module. */
export interface ModuleUse {
  readonly specifier: string
  readonly line: number
  readonly how: 'import' | 'import type' | 'export' | 'export *' | 'import()' | 'new URL'
  /** The imported names, for a static import with braces. */
  readonly names: readonly string[]
}

const known = new WeakMap<SourceFile, readonly ModuleUse[]>()

/** Everything a file reaches for: static, type, dynamic, re-exported, and files started by URL (workers, programs). */
export function importsOf(file: SourceFile): readonly ModuleUse[] {
  const before = known.get(file)
  if (before) return before
  const { program, lineAt } = syntaxOf(file)
  const uses: ModuleUse[] = []
  for (const node of nodesUnder(program)) {
    const use = useIn(node)
    if (use) uses.push({ ...use, line: lineAt(node.start) })
  }
  known.set(file, uses)
  return uses
}

function useIn(node: SyntaxNode): Omit<ModuleUse, 'line'> | undefined {
  const specifier = nameOf(node['source'])
  switch (node.type) {
    case 'ImportDeclaration':
      return specifier === undefined ? undefined : { specifier, how: importKind(node), names: importedNames(node) }
    case 'ExportNamedDeclaration':
      return specifier === undefined ? undefined : { specifier, how: 'export', names: [] }
    case 'ExportAllDeclaration':
      return specifier === undefined ? undefined : { specifier, how: 'export *', names: [] }
    case 'ImportExpression':
      return specifier === undefined ? undefined : { specifier, how: 'import()', names: [] }
    case 'TSImportType':
      return specifier === undefined ? undefined : { specifier, how: 'import type', names: [] }
    case 'NewExpression':
      return moduleUrl(node)
    case 'CallExpression':
      return resolvedCall(node)
    default:
      return undefined
  }
}

function importKind(node: SyntaxNode): 'import' | 'import type' {
  const specifiers = nodesIn(node['specifiers'])
  const onlyTypes = specifiers.length > 0 && specifiers.every((specifier) => specifier['importKind'] === 'type')
  return node['importKind'] === 'type' || onlyTypes ? 'import type' : 'import'
}

function importedNames(node: SyntaxNode): string[] {
  return nodesIn(node['specifiers']).map((specifier) => nameOf(specifier['imported']) ?? '*')
}

/** `new URL('./worker.ts', import.meta.url)` starts code as surely as an import does. */
function moduleUrl(node: SyntaxNode): Omit<ModuleUse, 'line'> | undefined {
  const [path, base] = nodesIn(node['arguments'])
  const specifier = nameOf(path)
  if (dottedName(node['callee']) !== 'URL' || dottedName(base) !== 'import.meta.url') return undefined
  return specifier !== undefined && /\.[mc]?[jt]sx?$/.test(specifier)
    ? { specifier: specifier.startsWith('.') ? specifier : `./${specifier}`, how: 'new URL', names: [] }
    : undefined
}

function resolvedCall(node: SyntaxNode): Omit<ModuleUse, 'line'> | undefined {
  const callee = dottedName(asNode(node['callee']))
  const specifier = nameOf(nodesIn(node['arguments'])[0])
  if (specifier === undefined || specifier.startsWith('/')) return undefined
  return callee === 'require' || callee === 'import.meta.resolve'
    ? { specifier, how: 'import()', names: [] }
    : undefined
}

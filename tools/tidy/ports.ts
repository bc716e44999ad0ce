import { isCode, isTestCode, packageOf } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { nameOf, nodesIn, nodesUnder, syntaxOf } from './syntax.ts'
import type { SyntaxNode } from './syntax.ts'

/** A store port has its contract suite beside it, which every implementation runs (style 7). */
export function contractSuites(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map((file) => file.path))
  return ports(files)
    .filter(({ file }) => !paths.has(contractPath(file.path)))
    .map(
      ({ file, why }) =>
        `${file.path}: ${why} and has no contract suite; write ${contractPath(file.path)} and run it for each implementation`,
    )
}

function contractPath(path: string): string {
  return path.replace(/\.ts$/, '.contract.ts')
}

function ports(files: readonly SourceFile[]): { file: SourceFile; why: string }[] {
  const code = files.filter((file) => isCode(file) && packageOf(file.path) !== undefined && !isTestCode(file.path))
  const implementations = classesByPort(code)
  return code.flatMap((file) => {
    const interfaces = exportedInterfaces(file)
    const names = interfaces.map((declaration) => nameOf(declaration['id']) ?? '')
    if (names.length === 0) return []
    if (/(^|[/-])store\.ts$/.test(file.path))
      return [{ file, why: `the store port "${names.join('", "')}" will have two implementations` }]
    const reaching = interfaces.filter((each) => reachesOut(file, each)).map((each) => nameOf(each['id']) ?? '')
    const twice = reaching.find((name) => (implementations.get(`${packageOf(file.path)}:${name}`) ?? 0) > 1)
    return twice === undefined ? [] : [{ file, why: `the port "${twice}" has several implementations` }]
  })
}

/** A port reaches out of the process: it makes one wait, or wants to be closed. Two shapes of a value are no port. */
function reachesOut(file: SourceFile, declaration: SyntaxNode): boolean {
  const text = file.text.slice(declaration.start, declaration.end)
  return /\bPromise<|\bAsync(Iterable|Generator)<|\bclose\(|Symbol\.(asyncDispose|dispose)/.test(text)
}

function exportedInterfaces(file: SourceFile): SyntaxNode[] {
  return nodesIn(syntaxOf(file).program['body']).flatMap((node) => {
    const declaration = node.type === 'ExportNamedDeclaration' ? nodesIn([node['declaration']])[0] : undefined
    return declaration?.type === 'TSInterfaceDeclaration' ? [declaration] : []
  })
}

/** How many classes of a package say `implements X`, by `package:X`. */
function classesByPort(code: readonly SourceFile[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const file of code) {
    for (const node of nodesUnder(syntaxOf(file).program)) {
      if (node.type !== 'ClassDeclaration' && node.type !== 'ClassExpression') continue
      for (const port of nodesIn(node['implements'])) {
        const key = `${packageOf(file.path)}:${nameOf(port['expression'])}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
  }
  return counts
}

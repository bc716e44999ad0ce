import { manifestsOf } from './manifests.ts'
import { isCode, packageOf, resolveRelative } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { asNode, nameOf, nodesIn, nodesUnder, syntaxOf } from './syntax.ts'
import type { SyntaxNode } from './syntax.ts'

/** Every name that a package's front door gives has a doc comment where it is declared (style 20). */
export function publicDocs(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.filter(isCode).map((file) => [file.path, file]))
  const fronts = [...manifestsOf(files).values()].flatMap((manifest) => {
    const door = manifest.doors['.']
    return door === undefined || manifest.room === '' ? [] : [resolveRelative(manifest.path, door)]
  })
  return [...new Set(fronts.flatMap((path) => undocumentedBehind(path, byPath)))]
}

function undocumentedBehind(front: string, byPath: ReadonlyMap<string, SourceFile>): string[] {
  const file = byPath.get(front)
  if (file === undefined) return []
  return exportedNames(file).flatMap((name) => {
    const found = declarationOf(front, name, byPath, new Set())
    if (found === undefined || isDocumented(found)) return []
    const line = syntaxOf(found.file).lineAt(found.statement.start)
    return [
      `${found.file.path}:${line}: ${name} is public (packages/${packageOf(front)}) and has no doc comment: what it promises, units, errors, limits`,
    ]
  })
}

function exportedNames(file: SourceFile): string[] {
  return nodesIn(syntaxOf(file).program['body'])
    .filter((node) => node.type === 'ExportNamedDeclaration')
    .flatMap((node) => [
      ...declaredNames(node),
      ...nodesIn(node['specifiers']).flatMap((each) => nameOf(each['exported']) ?? []),
    ])
}

interface Declaration {
  readonly file: SourceFile
  readonly statement: SyntaxNode
}

function declarationOf(
  path: string,
  name: string,
  byPath: ReadonlyMap<string, SourceFile>,
  seen: Set<string>,
): Declaration | undefined {
  const file = byPath.get(path)
  if (file === undefined || seen.has(`${path}#${name}`)) return undefined
  seen.add(`${path}#${name}`)
  const body = nodesIn(syntaxOf(file).program['body'])
  const here = body.find((node) => declaredNames(node).includes(name))
  if (here) return { file, statement: here }
  for (const node of body) {
    const specifiers = nodesIn(node['specifiers'])
    const passed = specifiers.find((each) => nameOf(each['exported'] ?? each['local']) === name)
    if (passed === undefined) continue
    const source = nameOf(node['source'])
    const inner = nameOf(node.type === 'ImportDeclaration' ? passed['imported'] : passed['local']) ?? name
    if (source?.startsWith('.')) return declarationOf(resolveRelative(path, source), inner, byPath, seen)
    if (source === undefined && inner !== name) return declarationOf(path, inner, byPath, seen)
  }
  return undefined
}

/** The names that a statement declares, whether it exports them at once or not. */
function declaredNames(statement: SyntaxNode): string[] {
  const declaration = asNode(statement['declaration']) ?? statement
  const own = nameOf(declaration['id'])
  if (own !== undefined) return [own]
  return nodesIn(declaration['declarations']).flatMap((each) => nameOf(each['id']) ?? [])
}

function isDocumented(declaration: Declaration): boolean {
  return hasDocComment(declaration) || isOverloaded(declaration) || isDerived(declaration)
}

function hasDocComment({ file, statement }: Declaration): boolean {
  return syntaxOf(file).comments.some((comment) => {
    if (comment.kind !== 'block' || !comment.text.startsWith('*') || comment.end > statement.start) return false
    return file.text.slice(comment.end, statement.start).trim() === ''
  })
}

/** The first of several overloads carries the comment. */
function isOverloaded({ file, statement }: Declaration): boolean {
  const body = nodesIn(syntaxOf(file).program['body'])
  const before = body[body.indexOf(statement) - 1]
  const name = declaredNames(statement)[0]
  if (before === undefined || name === undefined || !declaredNames(before).includes(name)) return false
  return isDocumented({ file, statement: before })
}

/** `type Channel = z.infer<typeof channel>` says nothing that the documented `channel` does not say. */
function isDerived({ file, statement }: Declaration): boolean {
  const declaration = asNode(statement['declaration']) ?? statement
  if (declaration.type !== 'TSTypeAliasDeclaration') return false
  const origins = [...nodesUnder(declaration)].flatMap((node) =>
    node.type === 'TSTypeQuery' ? (nameOf(node['exprName']) ?? []) : [],
  )
  return nodesIn(syntaxOf(file).program['body']).some(
    (other) => declaredNames(other).some((name) => origins.includes(name)) && hasDocComment({ file, statement: other }),
  )
}

import { baseName, isCode, packageOf } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { nameOf, nodesIn, nodesUnder, syntaxOf } from './syntax.ts'
import type { SyntaxNode } from './syntax.ts'

/** Words that name no domain: whatever lies there has not found its room yet. */
const NO_ROOM = /^(utils?|helpers?|common|services?|managers?|controllers?|types?|misc|shared|lib)$/
const NO_ROOM_ENDING = /-(utils?|helpers?|managers?|controllers?|misc)$/

/** The one room whose domain really is services: the daemons of a machine. */
const SERVICES_ROOM = /^packages\/[^/]+\/src\/(.*\/)?services(\/|$)/

/** Rooms and files are named by the domain (style 1). */
export function roomNames(files: readonly SourceFile[]): string[] {
  const said = new Set<string>()
  for (const { path } of files) {
    const inside = /^(packages\/[^/]+\/src|tests|tools|bench)\/(.*)$/.exec(path)
    if (!inside?.[2]) continue
    const steps = inside[2].split('/')
    for (const [depth, step] of steps.entries()) {
      const name = step.replace(/\..*$/, '')
      if (!NO_ROOM.test(name) && !NO_ROOM_ENDING.test(name)) continue
      const place = [inside[1], ...steps.slice(0, depth + 1)].join('/')
      if (name === 'services' && SERVICES_ROOM.test(path) && packageOf(path) === 'changetracking') continue
      said.add(`${place}: "${name}" names no room of the domain; name it by what it knows`)
    }
  }
  return [...said]
}

/** Files are in kebab-case (style 16). */
export function kebabCase(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => /^(packages\/[^/]+\/(src|bin)|tests|tools|bench|docs|changes)\//.test(path))
    .filter(({ path }) =>
      path.split('/').some((step) => step !== 'README.md' && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(step)),
    )
    .map(({ path }) => `${path}: file and folder names are kebab-case: ${kebab(baseName(path))}`)
}

function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[_\s]+/g, '-')
    .toLowerCase()
}

/** Settings of a data collection rule, whose names are not ours to choose: Azure's documents fix them. */
const NAMES_FROM_OUTSIDE = /^(max_?contents_?returnable|max_?output_?size)/i

/** A limit is named `…Max`, unit before it (style 13): parameters, fields and constants. */
export function limitNames(files: readonly SourceFile[]): string[] {
  return files.filter(isCode).flatMap((file) => {
    const { program, lineAt } = syntaxOf(file)
    return [...nodesUnder(program)]
      .flatMap(declaredNames)
      .filter(
        ({ name }) => /^(max(imum)?|limit)[A-Z0-9]|^(MAX(IMUM)?|LIMIT)_/.test(name) && !NAMES_FROM_OUTSIDE.test(name),
      )
      .map(({ name, start }) => `${file.path}:${lineAt(start)}: the limit "${name}" is named "${limitName(name)}"`)
  })
}

function limitName(name: string): string {
  if (name.includes('_')) return `${name.replace(/^[A-Z]+_/, '')}_MAX`
  const rest = name.replace(/^(max(imum)?|limit)/, '')
  return `${rest.charAt(0).toLowerCase()}${rest.slice(1)}Max`
}

interface DeclaredName {
  readonly name: string
  readonly start: number
}

function declaredNames(node: SyntaxNode): DeclaredName[] {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'TSDeclareFunction':
      return nodesIn(node['params']).flatMap(boundNames)
    case 'PropertyDefinition':
    case 'TSPropertySignature':
      return boundNames({ ...node, type: 'Key' })
    case 'VariableDeclarator':
      return boundNames(nodesIn([node['id']])[0])
    default:
      return []
  }
}

function boundNames(pattern: SyntaxNode | undefined): DeclaredName[] {
  if (pattern === undefined) return []
  if (pattern.type === 'Key')
    return nameOf(pattern['key']) === undefined ? [] : [{ name: nameOf(pattern['key']) ?? '', start: pattern.start }]
  if (pattern.type === 'Identifier') return [{ name: nameOf(pattern) ?? '', start: pattern.start }]
  if (pattern.type === 'AssignmentPattern') return boundNames(nodesIn([pattern['left']])[0])
  if (pattern.type === 'RestElement') return boundNames(nodesIn([pattern['argument']])[0])
  if (pattern.type === 'Property') return boundNames(nodesIn([pattern['value']])[0])
  if (pattern.type === 'ObjectPattern') return nodesIn(pattern['properties']).flatMap(boundNames)
  return pattern.type === 'ArrayPattern' ? nodesIn(pattern['elements']).flatMap(boundNames) : []
}

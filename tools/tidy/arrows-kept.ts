import { isBuiltin } from 'node:module'

import { arrows } from '../arrows.ts'
import { importsOf } from './imports.ts'
import type { ModuleUse } from './imports.ts'
import { manifestsOf } from './manifests.ts'
import type { Manifest } from './manifests.ts'
import { isCode, isTestCode, packageOf, resolveRelative } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

/** Imports between packages follow `tools/arrows.ts`; nothing imports bench, tests or tools (style 2). */
export function arrowsKept(files: readonly SourceFile[]): string[] {
  const roomOf = new Map([...manifestsOf(files).values()].map((manifest) => [manifest.name, manifest.room]))
  return uses(files).flatMap(({ file, use, where }) => {
    const target = use.specifier.startsWith('.') ? resolveRelative(file.path, use.specifier) : undefined
    const outside = target === undefined ? undefined : /^(bench|tests|tools)\//.exec(target)?.[1]
    const own = packageOf(file.path)
    if (outside !== undefined && file.path.split('/')[0] !== outside && (own !== undefined || outside === 'tests'))
      return [`${where}: nothing may import ${outside}; move what is needed into the package that owns it`]
    if (own === undefined) return []
    const to = roomOf.get(moduleName(use.specifier)) ?? tidemarkName(use.specifier)
    if (to === undefined || to === own || arrows[own]?.includes(to)) return []
    return [`${where}: ${own} may not import ${to} (see tools/arrows.ts)`]
  })
}

/** The table itself: every package has a row, every row a package, and the arrows make no circle. */
export function arrowsTable(
  files: readonly SourceFile[],
  table: Readonly<Record<string, readonly string[]>> = arrows,
): string[] {
  const rooms = new Set([...manifestsOf(files).keys()].filter(Boolean))
  const missing = [...rooms].filter((room) => table[room] === undefined)
  const ghosts = Object.keys(table).filter((room) => !rooms.has(room))
  const circles = Object.keys(table).filter((room) => reaches(table, room, room))
  return [
    ...missing.map((room) => `tools/arrows.ts: packages/${room} has no row`),
    ...ghosts.map((room) => `tools/arrows.ts: "${room}" is no package`),
    ...circles.map((room) => `tools/arrows.ts: the arrows of "${room}" lead back to it`),
  ]
}

function reaches(
  table: Readonly<Record<string, readonly string[]>>,
  from: string,
  goal: string,
  seen = new Set<string>(),
): boolean {
  return (table[from] ?? []).some((next) => {
    if (next === goal) return true
    if (seen.has(next)) return false
    seen.add(next)
    return reaches(table, next, goal, seen)
  })
}

/** What a file imports is in its own package.json; tests may also use the workspace's development tools. */
export function declaredImports(files: readonly SourceFile[]): string[] {
  const manifests = manifestsOf(files)
  const root = manifests.get('')
  return uses(files).flatMap(({ file, use, where }) => {
    const name = moduleName(use.specifier)
    if (use.specifier.startsWith('.') || use.specifier.startsWith('node:')) return []
    if (isBuiltin(use.specifier))
      return [`${where}: write "node:${use.specifier}", so that it is seen to be Node's own`]
    const own = manifests.get(packageOf(file.path) ?? '')
    if (own === undefined || own.name === name || own.dependencies.has(name)) return []
    if (own.room === '')
      return own.devDependencies.has(name) || isWorkspace(manifests, name) ? [] : [undeclared(where, name, own)]
    const forTests = isTestCode(file.path) || !file.path.startsWith(`packages/${own.room}/src/`)
    if (forTests && (own.devDependencies.has(name) || root?.devDependencies.has(name))) return []
    if (use.how === 'import type' && own.devDependencies.has(name)) return []
    return [undeclared(where, name, own)]
  })
}

function undeclared(where: string, name: string, own: Manifest): string {
  const command = own.room === '' ? `npm install -D ${name}` : `npm install -w packages/${own.room} ${name}`
  return `${where}: "${name}" is not in ${own.path}; ${command}, or do without`
}

function isWorkspace(manifests: ReadonlyMap<string, Manifest>, name: string): boolean {
  return [...manifests.values()].some((manifest) => manifest.name === name)
}

/** `@tidemark/x` for `@tidemark/x/testing`, `vitest` for `vitest/config`. */
export function moduleName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

function tidemarkName(specifier: string): string | undefined {
  return /^@tidemark\/([^/]+)/.exec(specifier)?.[1]
}

interface PlacedUse {
  readonly file: SourceFile
  readonly use: ModuleUse
  readonly where: string
}

function uses(files: readonly SourceFile[]): PlacedUse[] {
  return files
    .filter(isCode)
    .flatMap((file) => importsOf(file).map((use) => ({ file, use, where: `${file.path}:${use.line}` })))
}

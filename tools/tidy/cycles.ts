import { importsOf } from './imports.ts'
import { isCode, packageOf, resolveRelative } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

/** No import cycles inside a package, type imports included: two files that need each other are one, or three. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const code = files.filter((file) => isCode(file) && packageOf(file.path) !== undefined)
  const paths = new Set(code.map((file) => file.path))
  const edges = new Map(code.map((file) => [file.path, neighbours(file, paths)]))
  return circlesIn(edges).map(
    (circle) => `${circle[0]}: imports itself over ${[...circle.slice(1), circle[0]].join(' → ')}`,
  )
}

function neighbours(file: SourceFile, paths: ReadonlySet<string>): string[] {
  return importsOf(file)
    .filter((use) => use.specifier.startsWith('.') && use.how !== 'new URL')
    .map((use) => resolveRelative(file.path, use.specifier))
    .filter((path) => paths.has(path))
}

/** One circle for each knot of files, found by depth-first search; each file is entered once. */
function circlesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = []
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (path: string): void => {
    const at = trail.indexOf(path)
    if (at !== -1) circles.push(trail.slice(at))
    if (at !== -1 || done.has(path)) return
    trail.push(path)
    for (const next of edges.get(path) ?? []) visit(next)
    trail.pop()
    done.add(path)
  }
  for (const path of edges.keys()) visit(path)
  return circles
}

import { moduleName } from './arrows-kept.ts'
import { importsOf } from './imports.ts'
import { manifestsOf } from './manifests.ts'
import type { Manifest } from './manifests.ts'
import { isCode, packageOf, resolveRelative } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { nodesIn, syntaxOf } from './syntax.ts'

const NAMED_DOORS_MAX = 2

/** One front door per package: `.` and at most two named ones; others come in only there (style 3). */
export function frontDoors(files: readonly SourceFile[]): string[] {
  const manifests = manifestsOf(files)
  const byName = new Map([...manifests.values()].map((manifest) => [manifest.name, manifest]))
  const doors = [...manifests.values()]
    .filter((manifest) => manifest.room !== '')
    .flatMap((manifest) => ownDoors(manifest, files))
  const entries = files.filter(isCode).flatMap((file) =>
    importsOf(file).flatMap((use) => {
      const where = `${file.path}:${use.line}`
      if (use.specifier.startsWith('.')) return overTheFence(file.path, use.specifier, where)
      const target = byName.get(moduleName(use.specifier))
      if (target === undefined) return []
      const door = `.${use.specifier.slice(target.name.length)}`
      if (target.doors[door] !== undefined) return []
      return [`${where}: "${use.specifier}" is no door of ${target.name}; its doors are ${doorList(target)}`]
    }),
  )
  return [...doors, ...entries]
}

function ownDoors(manifest: Manifest, files: readonly SourceFile[]): string[] {
  const doors = Object.keys(manifest.doors)
  // A program (portal, tidemark) has no doors at all: nobody may import it.
  if (doors.length === 0) return []
  const named = doors.filter((door) => door !== '.')
  const paths = new Set(files.map((file) => file.path))
  const lines: string[] = []
  if (!doors.includes('.')) lines.push(`${manifest.path}: "exports" has no ".": a package has one front door`)
  if (named.length > NAMED_DOORS_MAX)
    lines.push(`${manifest.path}: ${named.length} named doors (${named.join(', ')}); at most ${NAMED_DOORS_MAX}`)
  for (const [door, target] of Object.entries(manifest.doors)) {
    const path = resolveRelative(manifest.path, target)
    if (!paths.has(path)) lines.push(`${manifest.path}: the door "${door}" leads to ${path}, which is not there`)
  }
  return lines
}

function overTheFence(path: string, specifier: string, where: string): string[] {
  const own = packageOf(path)
  const target = resolveRelative(path, specifier)
  const to = packageOf(target)
  if (to === undefined || to === own) return []
  return [`${where}: "${specifier}" climbs over the fence into packages/${to}; import its front door "@tidemark/${to}"`]
}

function doorList(manifest: Manifest): string {
  const doors = Object.keys(manifest.doors).map((door) => `"${manifest.name}${door.slice(1)}"`)
  return doors.length === 0 ? 'none: it is a program' : doors.join(', ')
}

/** No `export *`: a door lists what it gives. */
export function exportStars(files: readonly SourceFile[]): string[] {
  return files.filter(isCode).flatMap((file) =>
    importsOf(file)
      .filter((use) => use.how === 'export *')
      .map((use) => `${file.path}:${use.line}: no "export *"; name what is exported`),
  )
}

/** No barrels inside a package: no index.ts but the front door, no file that only passes on. */
export function barrels(files: readonly SourceFile[]): string[] {
  const manifests = manifestsOf(files)
  return files
    .filter((file) => isCode(file) && packageOf(file.path) !== undefined)
    .filter((file) => {
      const doors = Object.values(manifests.get(packageOf(file.path) ?? '')?.doors ?? {})
      const isDoor = doors.some(
        (door) => resolveRelative(`packages/${packageOf(file.path)}/package.json`, door) === file.path,
      )
      return !isDoor && (/\/index\.tsx?$/.test(file.path) || onlyPassesOn(file))
    })
    .map((file) => `${file.path}: a barrel inside a package; import each file by its own name`)
}

function onlyPassesOn(file: SourceFile): boolean {
  const body = nodesIn(syntaxOf(file).program['body'])
  return (
    body.length > 0 &&
    body.every((node) => node.type.startsWith('Export') && node['source'] !== null && node['source'] !== undefined)
  )
}

/** No default exports: a thing has one name everywhere. Configuration files, whose tools ask for it, are excepted. */
export function defaultExports(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isCode(file) && !file.path.endsWith('.config.ts'))
    .flatMap((file) => {
      const { program, lineAt } = syntaxOf(file)
      return nodesIn(program['body'])
        .filter((node) => node.type === 'ExportDefaultDeclaration')
        .map((node) => `${file.path}:${lineAt(node.start)}: no default export; give it its name`)
    })
}

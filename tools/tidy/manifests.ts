import { packageOf } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

/** What tidy reads of a package.json. */
export interface Manifest {
  /** The folder under `packages/`, or `''` for the root. */
  readonly room: string
  readonly path: string
  readonly name: string
  /** The doors: `.`, `./testing`… Empty for a program that nobody imports. */
  readonly doors: Readonly<Record<string, string>>
  readonly dependencies: ReadonlySet<string>
  readonly devDependencies: ReadonlySet<string>
}

/** The manifests among the files, by room. A package.json that is no JSON object is left out: npm says so already. */
export function manifestsOf(files: readonly SourceFile[]): ReadonlyMap<string, Manifest> {
  const manifests = new Map<string, Manifest>()
  for (const file of files) {
    if (!/^(packages\/[^/]+\/)?package\.json$/.test(file.path)) continue
    const json = parseObject(file.text)
    if (json === undefined) continue
    const room = packageOf(file.path) ?? ''
    manifests.set(room, {
      room,
      path: file.path,
      name: String(json['name']),
      doors: textFields(json['exports']),
      dependencies: new Set([...namesIn(json['dependencies']), ...namesIn(json['optionalDependencies'])]),
      devDependencies: new Set([...namesIn(json['devDependencies']), ...namesIn(json['peerDependencies'])]),
    })
  }
  return manifests
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function namesIn(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : []
}

function textFields(value: unknown): Record<string, string> {
  if (typeof value === 'string') return { '.': value }
  if (!isRecord(value)) return {}
  return Object.fromEntries(Object.entries(value).flatMap(([door, to]) => (typeof to === 'string' ? [[door, to]] : [])))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

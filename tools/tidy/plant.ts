import { arrows } from '../arrows.ts'
import type { SourceFile } from './source-file.ts'

/** A violation in memory and what its rule says about it. */
export interface Planted {
  readonly rule: string
  readonly what: string
  readonly files: readonly SourceFile[]
  readonly says: readonly string[]
}

/** Files that look like a violation and are none. */
export type Clean = Omit<Planted, 'says'>

/** A file with these lines. */
export function file(path: string, ...lines: string[]): SourceFile {
  return { path, text: `${lines.join('\n')}\n` }
}

/** The package.json of a room (of the workspace itself for `''`) with one front door. */
export function manifest(room: string, content: object = {}): SourceFile {
  return file(
    room === '' ? 'package.json' : `packages/${room}/package.json`,
    JSON.stringify({ name: `@tidemark/${room}`, exports: { '.': './src/index.ts' }, ...content }),
  )
}

/** A manifest for each row of the arrows. */
export const allPackages = Object.keys(arrows).map((room) => manifest(room))

/** So many lines of code. */
export function codeLines(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `export const n${at} = ${at}`)
}

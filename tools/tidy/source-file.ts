/** A file of the repository as the rules see it. Rules never open files: `read-tree.ts` alone does. */
export interface SourceFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string
  readonly text: string
}

/** A house rule: all files in, one line for each violation out (`path:line: what, and what to do instead`). */
export type Rule = (files: readonly SourceFile[]) => string[]

/** Whether the file is TypeScript that people write (declarations files count as data). */
export function isCode(file: SourceFile): boolean {
  return /\.tsx?$/.test(file.path) && !file.path.endsWith('.d.ts')
}

/** Tests, contract suites and the `./testing` door: they may use what only tests need. */
export function isTestCode(path: string): boolean {
  return (
    /\.(test|contract)\.tsx?$/.test(path) ||
    /\/src\/testing(\.tsx?$|\/)/.test(path) ||
    /^(tests|tools|bench)\//.test(path)
  )
}

/** `agent` for `packages/agent/…`, `undefined` outside `packages/`. */
export function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1]
}

/** The last part of a path: `dpkg.ts` for `packages/…/dpkg.ts`. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The folder of a path without the closing `/`; empty at the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** The path that a relative import means; `..` above the root stays visible as a leading `..`. */
export function resolveRelative(fromPath: string, specifier: string): string {
  const parts = folderOf(fromPath).split('/').filter(Boolean)
  for (const step of specifier.split('/')) {
    if (step === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (step !== '.' && step !== '') parts.push(step)
  }
  return parts.join('/')
}

import type { SourceFile } from './source-file.ts'

/** A TypeScript block of a README. */
export interface Example {
  readonly path: string
  /** The line of the README, from 1, on which the code begins. */
  readonly line: number
  readonly code: string
}

/** The ```ts blocks of the package READMEs, in order. A block marked ```ts ignore is for the eye only. */
export function readmeExamples(files: readonly SourceFile[]): Example[] {
  return files
    .filter(({ path }) => /^packages\/[^/]+\/README\.md$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^```(?:ts|typescript)[ \t]*\n([\s\S]*?)^```/gm)].map((match) => ({
        path,
        line: text.slice(0, match.index).split('\n').length + 1,
        code: match[1] ?? '',
      })),
    )
}

/** Turns what tsc says about extracted examples (`3.ts(2,5): error …`) into lines about the README. */
export function exampleProblems(said: string, examples: readonly Example[]): string[] {
  return said.split('\n').flatMap((line) => {
    const match = /(?:^|\/)example-(\d+)\.ts\((\d+),\d+\): error (TS\d+: .*)$/.exec(line)
    const example = examples[Number(match?.[1])]
    if (match === null || example === undefined) return []
    return [`${example.path}:${example.line + Number(match[2]) - 1}: the example does not compile: ${match[3]}`]
  })
}

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { exampleProblems } from './readme-examples.ts'
import type { Example } from './readme-examples.ts'

/** Compiles the examples once with tsc and gives a line for each mistake in them. */
export function compileExamples(root: string, examples: readonly Example[]): string[] {
  if (examples.length === 0) return []
  // Inside the repository, so that "@tidemark/…" resolves; in an ignored folder, and one for each run.
  const folder = join(root, 'node_modules', '.cache', `readme-examples-${process.pid}`)
  try {
    mkdirSync(folder, { recursive: true })
    for (const [index, { code }] of examples.entries())
      writeFileSync(join(folder, `example-${index}.ts`), `${code}\nexport {}\n`)
    writeFileSync(join(folder, 'tsconfig.json'), settings(examples.length))
    const tsc = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'],
      { encoding: 'utf8' },
    )
    if (tsc.error) throw tsc.error
    return exampleProblems(tsc.stdout, examples)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function settings(exampleCount: number): string {
  return JSON.stringify({
    extends: '../../../tsconfig.base.json',
    // A short example may name a thing without using it.
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    files: Array.from({ length: exampleCount }, (_, index) => `example-${index}.ts`),
  })
}

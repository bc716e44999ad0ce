import { baseName, folderOf, isCode, packageOf } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

/** `x.test.ts` lives beside `x.ts` (style 21); `x.power-cut.test.ts` is one more view of `x.ts`. */
export function testsBesideSource(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map((file) => file.path))
  return files
    .filter((file) => isCode(file) && packageOf(file.path) !== undefined && /\.test\.tsx?$/.test(file.path))
    .filter((file) => !candidates(file.path).some((path) => paths.has(path)))
    .map(
      (file) =>
        `${file.path}: tests nothing beside it; name it after the file it tests: <file>.test.ts or <file>.<aspect>.test.ts`,
    )
}

function candidates(testPath: string): string[] {
  const name = baseName(testPath).split('.')[0] ?? ''
  const stem = `${folderOf(testPath)}/${name}`
  // A contract suite, or a README whose examples are run, may be what is tested.
  return [
    `${stem}.ts`,
    `${stem}.tsx`,
    `${stem}.contract.ts`,
    ...(name === 'readme' ? [`packages/${packageOf(testPath)}/README.md`] : []),
  ]
}

// Goal: the house rules of CONTRIBUTING.md hold in every file, and each check is known to be able to fail.
// Method: every rule is a pure function from files to lines. It meets a planted violation in memory, a clean twin of
// it, and then the real tree. A rule without a planted violation fails the last test of this file.
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import { clean } from './tidy/clean.ts'
import { compileExamples } from './tidy/compile-examples.ts'
import { planted } from './tidy/planted.ts'
import { readTree } from './tidy/read-tree.ts'
import { exampleProblems, readmeExamples } from './tidy/readme-examples.ts'
import { rules } from './tidy/rules.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const tree = readTree(root)

describe('the real tree', () => {
  test('was read', () => {
    expect(tree.map((file) => file.path)).toContain('tools/tidy.test.ts')
    expect(tree.length).toBeGreaterThan(50)
  })

  test.each(Object.entries(rules))('%s', (_name, rule) => {
    const violations = rule(tree)
    expect(violations, `\n  ${violations.join('\n  ')}\n`).toEqual([])
  })

  test('the examples in the package READMEs compile', () => {
    const problems = compileExamples(root, readmeExamples(tree))
    expect(problems, `\n  ${problems.join('\n  ')}\n`).toEqual([])
  })
})

describe('a planted violation is found', () => {
  test.each(planted)('$rule: $what', ({ rule, files, says }) => {
    expect(rules[rule]?.(files)).toEqual(says)
  })

  test('an example that does not compile is found, by the line of the README', () => {
    const text = '# x\n\nNouns.\n\n```ts\nconst count: number = 1\nconst text: string = count\n```\n'
    expect(compileExamples(root, readmeExamples([{ path: 'packages/base/README.md', text }]))).toEqual([
      "packages/base/README.md:7: the example does not compile: TS2322: Type 'number' is not assignable to type 'string'.",
    ])
  })

  test('what tsc says of other files is not blamed on a README', () => {
    expect(exampleProblems('packages/base/src/clock.ts(1,1): error TS1: no', [])).toEqual([])
  })
})

describe('what is allowed stays allowed', () => {
  test.each(clean)('$rule: $what', ({ rule, files }) => {
    expect(rules[rule]?.(files)).toEqual([])
  })
})

test('every rule has a planted violation', () => {
  const withPlant = new Set(planted.map(({ rule }) => rule))
  expect(Object.keys(rules).filter((rule) => !withPlant.has(rule))).toEqual([])
})

import { file, manifest } from './plant.ts'
import type { Clean } from './plant.ts'

/** The borders of the rules, from the other side. */
export const clean: readonly Clean[] = [
  {
    rule: 'rooms are named by the domain',
    what: 'services are a domain of change tracking',
    files: [file('packages/changetracking/src/services/services.ts')],
  },
  {
    rule: 'a limit is named …Max',
    what: 'names that Azure gave',
    files: [
      file(
        'packages/model/src/a.ts',
        'interface A { maxContentsReturnable: number }',
        'const MAX_OUTPUT_SIZE_DEFAULT = 1',
        'const style = { maxWidth: 1 }',
      ),
    ],
  },
  {
    rule: 'imports follow the arrows',
    what: 'along an arrow, and to itself',
    files: [
      file(
        'packages/model/src/a.ts',
        "import { b } from '@tidemark/base'",
        "import { m } from '@tidemark/model/testing'",
      ),
    ],
  },
  {
    rule: 'imports are declared in package.json',
    what: 'a test may use the workspace’s tools',
    files: [
      manifest('', { devDependencies: { vitest: '*' } }),
      manifest('base'),
      file('packages/base/src/a.test.ts', "import { test } from 'vitest'", "import { b } from '@tidemark/base'"),
    ],
  },
  {
    rule: 'a port with two implementations has a contract suite',
    what: 'a store with its suite, two shapes of a value',
    files: [
      file('packages/server/src/store.ts', 'export interface S {}'),
      file('packages/server/src/store.contract.ts'),
      file(
        'packages/server/src/b.ts',
        'export interface Block { count: number }',
        'class P implements Block {}',
        'class Q implements Block {}',
      ),
    ],
  },
  {
    rule: 'time, chance and the machine come in as arguments',
    what: 'the rooms that own the machine, tests, types and dates of a given time',
    files: [
      file('packages/agent/src/host/a.ts', "import { open } from 'node:fs'", 'Date.now()'),
      file('packages/agent/src/sink/segment.ts', "import { open } from 'node:fs'"),
      file('packages/agent/src/upload/a.test.ts', 'setTimeout(f, 1)'),
      file(
        'packages/agent/src/upload/b.ts',
        "import type { Stats } from 'node:fs'",
        'new Date(clock.nowMs())',
        'clearTimeout(timer)',
        '// Date.now()',
      ),
      file('packages/agent/src/main.ts', 'process.env'),
      file('packages/tidemark/src/context.ts', 'process.argv'),
    ],
  },
  {
    rule: 'a function is one screen',
    what: 'a suite is a chapter',
    files: [
      file(
        'packages/base/src/a.test.ts',
        "describe.each(rows)('a', () => {",
        "  test('b', () => {})",
        ...Array.from({ length: 70 }, () => ''),
        '})',
      ),
    ],
  },
  {
    rule: 'only errors inherit',
    what: 'an error',
    files: [file('packages/base/src/a.ts', 'class BoltError extends Error {}')],
  },
  {
    rule: 'no commented-out code',
    what: 'prose, drawings, examples and manual pages',
    files: [
      file(
        'packages/base/src/a.ts',
        '// Keep it; the order matters (see below).',
        '',
        '// dpkg(1)',
        '',
        '// ┌ length u32 ┬ crc32c u32 ┐',
        '',
        '/** const example = 1 */',
        'const a = 1 // bytes',
        '',
        '// offset = page * 4096',
        '',
        '// return early',
      ),
    ],
  },
  {
    rule: 'a task names its issue',
    what: 'with its issue',
    files: [file('packages/base/src/a.ts', '// TODO(#12): the wide case')],
  },
  {
    rule: 'a test lives beside its source',
    what: 'an aspect, a component',
    files: [
      file('packages/bolt/src/bolt.ts'),
      file('packages/bolt/src/bolt.power-cut.test.ts'),
      file('packages/portal/src/page.tsx'),
      file('packages/portal/src/page.test.tsx'),
    ],
  },
  {
    rule: 'what is public is documented',
    what: 'a type derived from a documented value',
    files: [
      manifest('model'),
      file('packages/model/src/index.ts', "export type { Channel } from './a.ts'"),
      file(
        'packages/model/src/a.ts',
        '/** Where data goes. */',
        'export const channel = z.object({})',
        'export type Channel = z.infer<typeof channel>',
      ),
    ],
  },
  {
    rule: 'a changelog fragment is well-formed',
    what: 'kind, title, gap, body',
    files: [
      file('changes/watching.md', '# Added: files are watched as well as scanned', '', 'A change is seen at once.'),
    ],
  },
]

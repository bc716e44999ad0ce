import { CLOCK } from './banned-calls.ts'
import { codeLines, file, manifest } from './plant.ts'
import type { Planted } from './plant.ts'
import { plantedImports, plantedNames } from './planted-imports.ts'

const PORT = 'take a port as an argument and put its implementation into a host/ folder of the room'
const ENVIRONMENT = 'only main.ts reads the environment; take a settings value as an argument'

const called: Planted[] = [
  {
    rule: 'time, chance and the machine come in as arguments',
    what: 'clocks, timers and chance',
    files: [
      file(
        'packages/agent/src/upload/a.ts',
        'Date.now()',
        'new Date()',
        'globalThis.setTimeout(f, 1)',
        'retry(Math.random)',
        'setInterval(f, 1)',
      ),
    ],
    says: [
      `packages/agent/src/upload/a.ts:1: Date.now is banned here: ${CLOCK} and call clock.nowMs()`,
      `packages/agent/src/upload/a.ts:2: new Date() without an argument is banned here: ${CLOCK} and write new Date(clock.nowMs())`,
      `packages/agent/src/upload/a.ts:3: setTimeout is banned here: ${CLOCK} and await clock.sleep(durationMs, signal)`,
      "packages/agent/src/upload/a.ts:4: Math.random is banned here: use chance() or newUuid() from '@tidemark/base', passed in as an argument",
      `packages/agent/src/upload/a.ts:5: setInterval is banned here: ${CLOCK} and await clock.sleep(durationMs, signal) in a loop`,
    ],
  },
  {
    rule: 'time, chance and the machine come in as arguments',
    what: 'disk, processes and the environment',
    files: [
      file(
        'packages/agent/src/upload/a.ts',
        "import { open } from 'node:fs/promises'",
        "await import('node:child_process')",
        'process.env.HOME',
        "import { argv } from 'node:process'",
      ),
    ],
    says: [
      `packages/agent/src/upload/a.ts:1: node:fs/promises is banned here: ${PORT}`,
      `packages/agent/src/upload/a.ts:2: node:child_process is banned here: ${PORT}`,
      `packages/agent/src/upload/a.ts:3: process.env is banned here: ${ENVIRONMENT}`,
      `packages/agent/src/upload/a.ts:4: node:process argv is banned here: ${ENVIRONMENT}`,
    ],
  },
]

const shaped: Planted[] = [
  {
    rule: 'a file is one sitting',
    what: '401 lines, and a main of 61',
    files: [file('packages/base/src/long.ts', ...codeLines(401)), file('packages/agent/src/main.ts', ...codeLines(61))],
    says: [
      'packages/base/src/long.ts: 401 lines; a file has at most 400, find the second idea in it',
      'packages/agent/src/main.ts: 61 lines; main is a table of contents of at most 60, its logic belongs in a room',
    ],
  },
  {
    rule: 'a function is one screen',
    what: 'a declaration, a method and a page of 61 lines',
    files: [
      file('packages/base/src/a.ts', 'function long() {', ...Array.from({ length: 59 }, () => ''), '}'),
      file('packages/base/src/b.ts', 'class B {', '  grow() {', ...Array.from({ length: 59 }, () => ''), '  }', '}'),
      file('packages/portal/src/c.tsx', 'const Page = () => (', ...Array.from({ length: 59 }, () => ''), '<p />)'),
    ],
    says: [
      'packages/base/src/a.ts:1: long has 61 lines; a function has at most 60',
      'packages/base/src/b.ts:2: grow has 61 lines; a function has at most 60',
      'packages/portal/src/c.tsx:1: Page has 61 lines; a function has at most 60',
    ],
  },
  {
    rule: 'only errors inherit',
    what: 'a class that extends an emitter',
    files: [
      file(
        'packages/base/src/a.ts',
        'class Agent extends EventEmitter {}',
        'export const b = class extends mixin(A) {}',
      ),
    ],
    says: [
      'packages/base/src/a.ts:1: Agent extends EventEmitter; wrap it instead, only errors inherit (from Error)',
      'packages/base/src/a.ts:2: a class extends an expression; wrap it instead, only errors inherit (from Error)',
    ],
  },
  {
    rule: 'no commented-out code',
    what: 'statements, a call, a line within prose, JSX',
    files: [
      file(
        'packages/base/src/a.ts',
        '// const a = 1',
        '',
        '// send(record)',
        '',
        '// This was too slow:',
        '// const kept = records.filter(isNew)',
        '// so it went.',
        'const b = 1 /* if (b) stop() */',
      ),
      file('packages/portal/src/b.tsx', 'const b = <p>{/* <Old page={1} /> */}</p>'),
    ],
    says: [
      ...[1, 3, 5, 8].map((line) => `packages/base/src/a.ts:${line}: commented-out code; delete it, git remembers`),
      'packages/portal/src/b.tsx:1: commented-out code; delete it, git remembers',
    ],
  },
  {
    rule: 'a task names its issue',
    what: 'a bare TODO',
    files: [file('packages/base/src/a.ts', '// TODO: later', '/* FIXME */')],
    says: [
      'packages/base/src/a.ts:1: TODO without an issue; write TODO(#12)',
      'packages/base/src/a.ts:2: FIXME without an issue; write TODO(#12)',
    ],
  },
  {
    rule: 'a test lives beside its source',
    what: 'a test of nothing',
    files: [file('packages/base/src/a.test.ts'), file('packages/base/src/other/a.ts')],
    says: [
      'packages/base/src/a.test.ts: tests nothing beside it; name it after the file it tests: <file>.test.ts or <file>.<aspect>.test.ts',
    ],
  },
  {
    rule: 'what is public is documented',
    what: 'over two files and a new name',
    files: [
      manifest('base'),
      file('packages/base/src/index.ts', "export { a, b as c } from './a.ts'", 'export const d = 1'),
      file(
        'packages/base/src/a.ts',
        '/** Said. */',
        'export const a = 1',
        '// Not a doc comment.',
        'export function b() {}',
      ),
    ],
    says: [
      'packages/base/src/a.ts:4: c is public (packages/base) and has no doc comment: what it promises, units, errors, limits',
      'packages/base/src/index.ts:2: d is public (packages/base) and has no doc comment: what it promises, units, errors, limits',
    ],
  },
]

const written: Planted[] = [
  {
    rule: 'a decision tells why',
    what: 'no name, a taken number, missing headings',
    files: [
      file(
        'docs/decisions/0001-a.md',
        '## Context',
        '## Decision',
        '## What we gave up',
        '## What would change our mind',
      ),
      file(
        'docs/decisions/0001-b.md',
        '## Context',
        '## Decision',
        '## What we gave up',
        '## What would change our mind',
      ),
      file('docs/decisions/why.md', '## Context', '## Decision'),
    ],
    says: [
      'docs/decisions/0001-b.md: number 0001 is taken by docs/decisions/0001-a.md',
      'docs/decisions/why.md: a decision is named 0007-why-segments.md',
      'docs/decisions/why.md: no "## What we gave up", no "## What would change our mind" (see docs/decisions/README.md)',
    ],
  },
  {
    rule: 'a changelog fragment is well-formed',
    what: 'no kind, no body',
    files: [file('changes/watching.md', '# Files are watched'), file('changes/b.txt')],
    says: [
      'changes/watching.md:1: the first line is "# <Added|Changed|Fixed|Removed|Security>: what is different for the user"',
      'changes/watching.md:2: after an empty line, a paragraph says why it matters and what the reader has to do',
      'changes/b.txt: a fragment is a .md file (see changes/README.md)',
    ],
  },
  {
    rule: 'a README opens with nouns',
    what: 'none, and one that opens with a list',
    files: [manifest('base'), manifest('model'), file('packages/model/README.md', '# model', '', '- a list')],
    says: [
      "packages/base/README.md: is missing; its first paragraph names the package's nouns",
      "packages/model/README.md: the first paragraph under the title names the package's nouns, in a sentence",
    ],
  },
  {
    rule: 'a bench says what it measures',
    what: 'no promise',
    files: [file('bench/kql.bench.ts', 'run()')],
    says: [`bench/kql.bench.ts: no "export const promise = '…'": which sentence of the docs does it measure?`],
  },
]

/** At least one for each rule. */
export const planted: readonly Planted[] = [...plantedNames, ...plantedImports, ...called, ...shaped, ...written]

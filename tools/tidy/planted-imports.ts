import { allPackages, file, manifest } from './plant.ts'
import type { Planted } from './plant.ts'

/** Violations in names. */
export const plantedNames: readonly Planted[] = [
  {
    rule: 'every file parses',
    what: 'half a sentence',
    files: [file('packages/base/src/a.ts', 'const = ')],
    says: ['packages/base/src/a.ts: does not parse: Unexpected token'],
  },
  {
    rule: 'rooms are named by the domain',
    what: 'folders and files that name no room',
    files: [
      file('packages/server/src/services/rule-store.ts'),
      file('packages/agent/src/sink/file-utils.ts'),
      file('packages/changetracking/src/utils/a.ts'),
    ],
    says: [
      'packages/server/src/services: "services" names no room of the domain; name it by what it knows',
      'packages/agent/src/sink/file-utils.ts: "file-utils" names no room of the domain; name it by what it knows',
      'packages/changetracking/src/utils: "utils" names no room of the domain; name it by what it knows',
    ],
  },
  {
    rule: 'files and folders are in kebab-case',
    what: 'camelCase',
    files: [file('packages/base/src/boundedQueue.ts')],
    says: ['packages/base/src/boundedQueue.ts: file and folder names are kebab-case: bounded-queue.ts'],
  },
  {
    rule: 'a limit is named …Max',
    what: 'parameters, options, fields and constants',
    files: [
      file(
        'packages/base/src/a.ts',
        'export function f(maxBytes: number, { limitRows = 1 } = {}) {}',
        'interface S { maxRetries: number }',
        'const MAX_LINES = 3',
      ),
    ],
    says: [
      'packages/base/src/a.ts:1: the limit "maxBytes" is named "bytesMax"',
      'packages/base/src/a.ts:1: the limit "limitRows" is named "rowsMax"',
      'packages/base/src/a.ts:2: the limit "maxRetries" is named "retriesMax"',
      'packages/base/src/a.ts:3: the limit "MAX_LINES" is named "LINES_MAX"',
    ],
  },
]

/** Violations in what is imported and how a package is entered. */
export const plantedImports: readonly Planted[] = [
  {
    rule: 'the table of arrows is whole',
    what: 'a package without a row',
    files: [...allPackages, manifest('attic')],
    says: ['tools/arrows.ts: packages/attic has no row'],
  },
  {
    rule: 'imports follow the arrows',
    what: 'static, type, dynamic and re-exported',
    files: [
      file(
        'packages/model/src/bad.ts',
        "import { a } from '@tidemark/agent'",
        "import type { B } from '@tidemark/server'",
        "const c = import('@tidemark/kql')",
        "export { d } from '@tidemark/agent'",
        "type E = import('@tidemark/agent').E",
      ),
    ],
    says: [
      'packages/model/src/bad.ts:1: model may not import agent (see tools/arrows.ts)',
      'packages/model/src/bad.ts:2: model may not import server (see tools/arrows.ts)',
      'packages/model/src/bad.ts:3: model may not import kql (see tools/arrows.ts)',
      'packages/model/src/bad.ts:4: model may not import agent (see tools/arrows.ts)',
      'packages/model/src/bad.ts:5: model may not import agent (see tools/arrows.ts)',
    ],
  },
  {
    rule: 'imports follow the arrows',
    what: 'nothing imports tools, tests or bench',
    files: [
      file('packages/base/src/a.ts', "import { arrows } from '../../../tools/arrows.ts'"),
      file('bench/a.bench.ts', "import { j } from '../tests/journey.ts'"),
    ],
    says: [
      'packages/base/src/a.ts:1: nothing may import tools; move what is needed into the package that owns it',
      'bench/a.bench.ts:1: nothing may import tests; move what is needed into the package that owns it',
    ],
  },
  {
    rule: 'imports are declared in package.json',
    what: 'a workspace, an npm package, a bare built-in',
    files: [
      manifest('', { devDependencies: { vitest: '*' } }),
      manifest('server'),
      file(
        'packages/server/src/a.ts',
        "import { k } from '@tidemark/kql'",
        "import { f } from 'fastify/x'",
        "import { t } from 'vitest'",
        "import path from 'path'",
      ),
    ],
    says: [
      'packages/server/src/a.ts:1: "@tidemark/kql" is not in packages/server/package.json; npm install -w packages/server @tidemark/kql, or do without',
      'packages/server/src/a.ts:2: "fastify" is not in packages/server/package.json; npm install -w packages/server fastify, or do without',
      'packages/server/src/a.ts:3: "vitest" is not in packages/server/package.json; npm install -w packages/server vitest, or do without',
      `packages/server/src/a.ts:4: write "node:path", so that it is seen to be Node's own`,
    ],
  },
  {
    rule: 'a package is entered by its front door',
    what: 'a deep import, a relative one, and three named doors',
    files: [
      manifest('base', {
        exports: { '.': './src/index.ts', './a': './src/index.ts', './b': './src/index.ts', './c': './src/gone.ts' },
      }),
      file('packages/base/src/index.ts'),
      file(
        'packages/model/src/a.ts',
        "import { c } from '@tidemark/base/src/clock.ts'",
        "import { d } from '../../base/src/clock.ts'",
      ),
    ],
    says: [
      'packages/base/package.json: 3 named doors (./a, ./b, ./c); at most 2',
      'packages/base/package.json: the door "./c" leads to packages/base/src/gone.ts, which is not there',
      'packages/model/src/a.ts:1: "@tidemark/base/src/clock.ts" is no door of @tidemark/base; its doors are "@tidemark/base", "@tidemark/base/a", "@tidemark/base/b", "@tidemark/base/c"',
      'packages/model/src/a.ts:2: "../../base/src/clock.ts" climbs over the fence into packages/base; import its front door "@tidemark/base"',
    ],
  },
  {
    rule: 'a door names what it exports',
    what: 'export *',
    files: [file('packages/base/src/index.ts', "export * from './clock.ts'")],
    says: ['packages/base/src/index.ts:1: no "export *"; name what is exported'],
  },
  {
    rule: 'a package has no barrels inside',
    what: 'an inner index, and a file that only passes on',
    files: [
      manifest('agent'),
      file('packages/agent/src/index.ts', "export { a } from './a.ts'"),
      file('packages/agent/src/sink/index.ts', 'export const a = 1'),
      file('packages/agent/src/all.ts', "export { a } from './a.ts'"),
    ],
    says: [
      'packages/agent/src/sink/index.ts: a barrel inside a package; import each file by its own name',
      'packages/agent/src/all.ts: a barrel inside a package; import each file by its own name',
    ],
  },
  {
    rule: 'a thing has a name, not a default export',
    what: 'a default export',
    files: [file('packages/portal/src/page.tsx', '', 'export default function Page() { return <p /> }')],
    says: ['packages/portal/src/page.tsx:2: no default export; give it its name'],
  },
  {
    rule: 'imports make no circles',
    what: 'three files in a ring, one arrow of it a type',
    files: [
      file('packages/base/src/a.ts', "import './b.ts'"),
      file('packages/base/src/b.ts', "import type { C } from './c.ts'"),
      file('packages/base/src/c.ts', "export { a } from './a.ts'"),
    ],
    says: [
      'packages/base/src/a.ts: imports itself over packages/base/src/b.ts → packages/base/src/c.ts → packages/base/src/a.ts',
    ],
  },
  {
    rule: 'a port with two implementations has a contract suite',
    what: 'a store, and a port that two classes implement',
    files: [
      file('packages/server/src/control/store.ts', 'export interface RuleStore { a(): void }'),
      file('packages/server/src/ingest/uplink.ts', 'export interface Uplink { send(): Promise<void> }'),
      file('packages/server/src/ingest/http.ts', 'class Http implements Uplink {}'),
      file('packages/server/src/ingest/disk.ts', 'class Disk implements Uplink {}'),
    ],
    says: [
      'packages/server/src/control/store.ts: the store port "RuleStore" will have two implementations and has no contract suite; write packages/server/src/control/store.contract.ts and run it for each implementation',
      'packages/server/src/ingest/uplink.ts: the port "Uplink" has several implementations and has no contract suite; write packages/server/src/ingest/uplink.contract.ts and run it for each implementation',
    ],
  },
]

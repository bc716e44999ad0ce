import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { root } from './places.mjs'

/** The benches, by name: `kql-compile` for `bench/kql-compile.bench.ts`. */
export function benchFiles() {
  return readdirSync(join(root, 'bench'))
    .filter((name) => name.endsWith('.bench.ts'))
    .sort()
    .map((name) => ({ name: name.replace('.bench.ts', ''), path: join(root, 'bench', name) }))
}

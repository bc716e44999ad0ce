import { firstLoad, isBuilt } from './portal/first-load.ts'
import { report } from './report.ts'

export const promise = 'The portal’s first load is at most 300 kB gzip'

if (!isBuilt) throw new Error('packages/portal/dist is not built: npm start builds it')
const files = firstLoad()
const total = [...files.values()].reduce((sum, size) => sum + size, 0)
report(promise, [
  { what: 'first load, gzip', value: total / 1_000, unit: 'kB' },
  ...[...files].map(([name, size]) => ({ what: name.replace(/-[\w-]{8}\./, '.'), value: size / 1_000, unit: 'kB' })),
])

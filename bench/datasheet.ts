// `node bench/datasheet.ts`: prints docs/datasheet.md as the runs in bench/results have it; with `--write` it writes it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { datasheetPage } from './datasheet-page.ts'

const path = fileURLToPath(new URL('../docs/datasheet.md', import.meta.url))
const page = datasheetPage(readFileSync(path, 'utf8'), (name) => {
  const results = fileURLToPath(new URL(`results/${name}.json`, import.meta.url))
  return existsSync(results) ? readFileSync(results, 'utf8') : undefined
})
if (process.argv.includes('--write')) writeFileSync(path, page)
else process.stdout.write(page)

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('the README has each error code, and no other', () => {
  const union = readFileSync(join(import.meta.dirname, 'bolt-error.ts'), 'utf8').split('/** The one error class')[0]
  const codes = [...(union ?? '').matchAll(/\| '([a-z-]+)'/g)].map((match) => match[1])
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const table = readme.split('## Errors')[1]?.split('## The file')[0] ?? ''
  const rows = table.split('\n').filter((line) => line.startsWith('| `'))
  const documented = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map((match) => match[1]),
  )
  expect(codes.length).toBeGreaterThan(10)
  expect(documented.toSorted()).toEqual(codes.toSorted())
})

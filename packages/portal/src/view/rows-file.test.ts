import fc from 'fast-check'
import { expect, test } from 'vitest'

import { csvText, ndjsonText } from './rows-file.ts'

test('cells with commas, quotes and ends of lines are quoted, and what looks like a formula is none', () => {
  const rows = [
    { Path: '/a,b', Note: 'say "x"\nnow', Size: -3, Gone: null },
    { Path: '=HYPERLINK("http://x")', Note: '@x', Size: 0, Gone: true },
  ]
  expect(csvText(['Path', 'Note', 'Size', 'Gone'], rows)).toBe(
    'Path,Note,Size,Gone\r\n"/a,b","say ""x""\nnow",-3,\r\n"\'=HYPERLINK(""http://x"")",\'@x,0,true\r\n',
  )
})

test('what goes out as NDJSON comes back', () => {
  const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null))
  fc.assert(
    fc.property(fc.array(fc.record({ A: cell, B: cell }), { maxLength: 5 }), (rows) => {
      const lines = ndjsonText(['A', 'B'], rows).split('\n').slice(0, -1)
      expect(lines.map((line): unknown => JSON.parse(line))).toEqual(rows)
    }),
  )
})

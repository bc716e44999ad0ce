import { expect, test } from 'vitest'

import { textTable } from './text-table.ts'

test('columns line up, numbers to the right, and the last column has no trailing blanks', () => {
  const lines = textTable(
    [{ title: 'NAME' }, { title: 'SIZE', align: 'right' }, { title: 'NOTE' }],
    [
      ['a', '1', 'x'],
      ['longer', '1000', ''],
    ],
  )
  expect(lines).toEqual(['NAME    SIZE  NOTE', 'a          1  x', 'longer  1000'])
})

test('a value over its width is cut with an ellipsis', () => {
  expect(textTable([{ title: 'N', widthMax: 4 }], [['abcdef']])).toEqual(['N', 'abc…'])
})

test('a value cannot move the cursor, colour the line or turn it round', () => {
  expect(textTable([{ title: 'N' }], [['a\u001b[31m\n\u202e']])).toEqual(['N', 'a\\x1b[31m\\x0a\\u202e'])
})

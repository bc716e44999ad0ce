import { expect, test } from 'vitest'

import { findQuery, foundTypes, itemsIn } from './find-queries.ts'

test('what is typed is quoted, and looked for in the name of the type', () => {
  expect(findQuery('Daemons', 'a"b')).toContain('SvcName contains "a\\"b"')
  expect(foundTypes.map((type) => findQuery(type, 'x').includes('Name = '))).toEqual([true, true, true])
})

test('rows become items', () => {
  expect(itemsIn('Files', [{ Name: '/etc/hosts', Machines: 3 }])).toEqual([
    { type: 'Files', name: '/etc/hosts', machines: 3 },
  ])
})

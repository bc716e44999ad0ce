import { expect, test } from 'vitest'

import { rights, rightsOf } from './rights.ts'

test('the admin has every right, a reader none but reading, anybody else none', () => {
  expect(rightsOf('admin')).toEqual(rights)
  expect(rightsOf('reader')).toEqual(['read'])
  for (const holder of [undefined, '', 'Admin', 'constructor', '__proto__']) expect(rightsOf(holder)).toEqual([])
})

import { tables } from '@tidemark/model'
import { expect, test } from 'vitest'

import { columnTitle, columnWord } from './words.ts'

test.each([
  ['DateChanged', 'Status last changed', 'status last changed'],
  ['FileContentChecksum', 'Content checksum', 'content'],
  ['SvcSomethingNew', 'Something new', 'something new'],
  ['constructor', 'Constructor', 'constructor'],
])('%s is said as %s, and as %s in a sentence', (name, title, word) => {
  expect([columnTitle(name), columnWord(name)]).toEqual([title, word])
})

test('no two columns that a file, a package or a daemon fills are said with the same words', () => {
  const inventory = tables.ConfigurationData.columns.map(({ name }) => name)
  for (const kind of [/^(?!Svc|Software)/, /^(Software|Size|Arch|Pub)/, /^Svc/]) {
    const titles = inventory.filter((name) => name !== 'Type' && kind.test(name)).map(columnTitle)
    expect(new Set(titles).size).toBe(titles.length)
  }
})

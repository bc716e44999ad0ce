import { ruleAround } from '@tidemark/model'
import { expect, test } from 'vitest'

import { readImportText } from './import-text.ts'

test('a text is read, broken JSON is told with its place, and a file without a rule says what it is', () => {
  expect(readImportText('{\n]', 'f')).toMatchObject({ kind: 'broken', line: 2, column: 1 })
  expect(readImportText('{"a":1}', 'f')).toMatchObject({ kind: 'read', rules: [], notes: [{}, {}] })
  expect(readImportText(JSON.stringify(ruleAround({})), 'f')).toMatchObject({ rules: [{ name: 'f', problems: [] }] })
})

test('names become such as can stand in an address', () => {
  const named = (name: string): string => {
    const read = readImportText(JSON.stringify({ ...ruleAround({}), name }), 'f')
    return read.kind === 'read' ? (read.rules[0]?.name ?? '') : ''
  }
  expect(["[parameters('n')]", 'Web servers', '..', '../x'].map(named)).toEqual([
    'parameters-n-',
    'Web-servers',
    'imported-rule',
    'x',
  ])
})

// Goal: both views are one document: an edit changes what it means and nothing else, and mistakes stand where they are.
import { ruleAround } from '@tidemark/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  appendedText,
  editedText,
  movedText,
  partsOf,
  readRuleText,
  settingsPath,
  textOfRule,
  trackingText,
  valueAt,
} from './rule-text.ts'

const entry = { name: 'ssh', destinationPath: '/etc/ssh/*', 'x-own': { kept: [1] } }
const document = { kind: 'Linux', ...ruleAround({ fileSettings: { fileInfo: [entry], 'x-more': true } }) }
const text = textOfRule(document)
const settings = settingsPath(document) ?? []

test('an edit leaves everything else as it is written', () => {
  const odd = text.replace('"kind": "Linux"', '"kind":   "Linux"')
  const changed = editedText(odd, [...settings, 'fileSettings', 'fileInfo', 0, 'recurse'], false)
  expect(changed).toContain('"kind":   "Linux"')
  expect(JSON.parse(changed)).toEqual({
    ...document,
    ...ruleAround({ fileSettings: { fileInfo: [{ ...entry, recurse: false }], 'x-more': true } }),
  })
  expect(JSON.parse(editedText(changed, [...settings, 'fileSettings', 'fileInfo', 0, 'recurse'], undefined))).toEqual(
    document,
  )
})

test('lists that are not there are made, and entries are moved', () => {
  const list = [...settings, 'servicesSettings', 'list']
  const made = appendedText(text, list, ['a', 'b', 'c'])
  expect(valueAt(JSON.parse(made), list)).toEqual(['a', 'b', 'c'])
  expect(valueAt(JSON.parse(movedText(made, list, { from: 2, to: 0 })), list)).toEqual(['c', 'a', 'b'])
  expect(movedText(made, list, { from: 0, to: 3 })).toBe(made)
})

test('a rule that tracks nothing gets change tracking beside what it has', () => {
  const other = { properties: { dataSources: { syslog: [{ name: 's' }] }, destinations: { azureMonitorMetrics: {} } } }
  const read = readRuleText(trackingText(textOfRule(other)), 'n')
  expect(read).toMatchObject({ kind: 'rule', problems: [], document: other })
  expect(read.kind === 'rule' && settingsPath(read.document)).not.toBe(undefined)
})

test('mistakes stand where they are', () => {
  const wrong = editedText(text, [...settings, 'fileSettings', 'fileInfo', 0, 'destinationPath'], 'etc')
  const read = readRuleText(wrong, 'n')
  const [problem] = read.problems
  expect(wrong.slice(problem?.offset, (problem?.offset ?? 0) + (problem?.length ?? 0))).toBe('"etc"')
  expect(wrong.split('\n')[(problem?.line ?? 0) - 1]?.slice((problem?.column ?? 0) - 1)).toMatch(/^"etc"/)
  // What is missing is told of where it should be.
  const missing = readRuleText(editedText(text, [...settings, 'fileSettings', 'fileInfo', 0, 'name'], undefined), 'n')
  expect(missing.problems[0]).toMatchObject({ where: expect.stringMatching(/fileInfo\[0\]\.name$/), length: 1 })
})

test('broken JSON has its place, and what is not used is said', () => {
  expect(readRuleText('{\n  "a": 1,\n}', 'n')).toMatchObject({ kind: 'broken', problems: [{ line: 3, column: 1 }] })
  expect(readRuleText('', 'n').kind).toBe('broken')
  const read = readRuleText(text, 'n')
  expect(read.kind === 'rule' && read.unused.map(({ where }) => where.split('.').at(-1))).toEqual(['x-more', 'x-own'])
})

test('paths are taken apart', () => {
  expect(partsOf('a.b[0]["c.\\"d"].e')).toEqual(['a', 'b', 0, 'c.\\"d', 'e'])
})

test('no text makes reading fail', () => {
  fc.assert(fc.property(fc.string(), (any) => void readRuleText(any, 'n')))
  fc.assert(fc.property(fc.jsonValue(), (any) => void readRuleText(textOfRule(any), 'n')))
})

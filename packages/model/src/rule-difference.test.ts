// Goal: a difference names what differs and nothing else; merging loses nothing that one of two did.
// Method: rows for people's cases; random documents against what must always hold.
// Mutants that these found: lists compared by place, `mine` taken where only theirs changed, moves not told.
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isSameJson, mergeRules, ruleDifferences } from './rule-difference.ts'

const rule = (entries: readonly unknown[], more: object = {}) => ({
  properties: { fileSettings: { fileInfo: entries, ...more } },
})
const ssh = { name: 'ssh', destinationPath: '/etc/ssh/*', recurse: true }
const cron = { name: 'cron', destinationPath: '/etc/cron.d/*', 'x-unknown': { kept: 1 } }

test('entries are known by their names, wherever they stand', () => {
  const places = ruleDifferences(rule([ssh, cron]), rule([cron, { ...ssh, recurse: false }], { watch: false }))
  expect(places).toEqual([
    { where: 'properties.fileSettings.fileInfo["ssh"].recurse', kind: 'changed', before: true, after: false },
    { where: 'properties.fileSettings.fileInfo', kind: 'moved', before: ['ssh', 'cron'], after: ['cron', 'ssh'] },
    { where: 'properties.fileSettings.watch', kind: 'added', after: false },
  ])
})

test('what came and went is told with all that is in it', () => {
  expect(ruleDifferences(rule([ssh]), rule([ssh, cron]))).toEqual([
    { where: 'properties.fileSettings.fileInfo["cron"]', kind: 'added', after: cron },
  ])
  expect(ruleDifferences(rule([ssh, cron]), rule([ssh]))[0]).toMatchObject({ kind: 'removed', before: cron })
  expect(ruleDifferences({ streams: ['a', 'b'] }, { streams: ['b', 'a'] })).toHaveLength(1)
})

test('two people who touch different things are both right', () => {
  const base = rule([ssh, cron])
  const mine = rule([{ ...ssh, recurse: false }, cron])
  const theirs = rule([ssh, cron, { name: 'pam' }], { watch: false })
  expect(mergeRules({ base, mine, theirs })).toEqual({
    document: rule([{ ...ssh, recurse: false }, cron, { name: 'pam' }], { watch: false }),
    conflicts: [],
  })
})

test('where they touch the same, it is named and mine is kept', () => {
  const base = rule([ssh])
  const mine = rule([{ ...ssh, recurse: false }])
  const theirs = rule([{ ...ssh, recurse: 'sometimes' }])
  expect(mergeRules({ base, mine, theirs })).toEqual({
    document: mine,
    conflicts: ['properties.fileSettings.fileInfo["ssh"].recurse'],
  })
  // One took the entry away, the other changed it: it stays.
  expect(mergeRules({ base, mine: rule([cron]), theirs })).toMatchObject({
    conflicts: ['properties.fileSettings.fileInfo["ssh"]'],
  })
})

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(1, 2, true, null, 'a'),
    fc.dictionary(fc.constantFrom('a', 'b', 'name'), tie('value'), { maxKeys: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.uniqueArray(fc.record({ name: fc.constantFrom('x', 'y', 'z'), v: tie('value') }), {
      maxLength: 3,
      selector: ({ name }) => name,
    }),
  ),
})).value

test('a difference is there exactly where two documents differ', () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      expect(ruleDifferences(before, before)).toEqual([])
      expect(ruleDifferences(before, after).length > 0).toBe(!isSameJson(before, after))
    }),
  )
})

test('whoever changed nothing takes over what the other did', () => {
  fc.assert(
    fc.property(json, json, (base, changed) => {
      const took = mergeRules({ base, mine: base, theirs: changed })
      const kept = mergeRules({ base, mine: changed, theirs: base })
      expect(took.conflicts.concat(kept.conflicts)).toEqual([])
      expect(isSameJson(took.document, changed) && isSameJson(kept.document, changed)).toBe(true)
    }),
  )
})

test('what is merged without a conflict does not depend on who was first', () => {
  fc.assert(
    fc.property(json, json, json, (base, mine, theirs) => {
      const one = mergeRules({ base, mine, theirs })
      const other = mergeRules({ base, mine: theirs, theirs: mine })
      expect(one.conflicts.length).toBe(other.conflicts.length)
      // The order of what both added is the only thing that may differ.
      const unordered = (value: unknown): string => JSON.stringify(value, sorted)
      if (one.conflicts.length === 0) expect(unordered(one.document)).toBe(unordered(other.document))
    }),
  )
})

function sorted(_key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(one, sorted)).sort()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}

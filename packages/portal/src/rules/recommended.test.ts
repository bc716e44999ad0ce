// Goal: what is recommended is right: each set is taken by the parser, and all of them fit in one rule.
import { parseExtensionSettings } from '@tidemark/model'
import { expect, test } from 'vitest'

import { recommendedSets, setIds } from './recommended.ts'

const settingsOf = (fileInfo: readonly object[]): object => ({ fileSettings: { fileInfo } })

test.each(recommendedSets)('$id', ({ entries, settings = [] }) => {
  const read = parseExtensionSettings(settingsOf(entries))
  expect(read.problems).toEqual([])
  expect(read.settings.files).toHaveLength(entries.length)
  for (const [[section = '', name = ''], value] of settings)
    expect(parseExtensionSettings({ [section]: { [name]: value } })).not.toEqual(parseExtensionSettings({}))
})

test('names are unique over all of them', () => {
  const names = recommendedSets.flatMap(({ entries }) => entries.map(({ name }) => name))
  expect(new Set(names).size).toBe(names.length)
  expect(recommendedSets.map(({ id }) => id)).toEqual(setIds)
})

test('no set keeps the content of passwords and private keys', () => {
  const kept = recommendedSets.flatMap(({ entries }) => entries.filter((one) => one['uploadContent'] === true))
  expect(kept.map(({ destinationPath }) => destinationPath).filter((path) => /shadow|host_|\.ssh/.test(path))).toEqual(
    [],
  )
})

// Goal: what forms and schema say of a setting is what the parser does. Method: the parser is asked about each of them.
import { describe, expect, test } from 'vitest'

import { entrySettings, type RuleSetting, ruleSections } from './rule-fields.ts'
import { parseExtensionSettings } from './settings.ts'

/** A document in which one setting has one value; an entry has what it must have. */
function documentWith(place: string, name: string, value: unknown): unknown {
  if (place === 'entry') return { fileSettings: { fileInfo: [{ name: 'n', destinationPath: '/n', [name]: value }] } }
  return place
    .split('.')
    .filter(Boolean)
    .reduceRight<unknown>((inner, part) => ({ [part]: inner }), { [name]: value })
}

const all: readonly { readonly place: string; readonly setting: RuleSetting }[] = [
  ...ruleSections.flatMap(({ place, settings }) => settings.map((setting) => ({ place, setting }))),
  ...entrySettings.map((setting) => ({ place: 'entry', setting })),
]

const problemsOf = (place: string, name: string, value: unknown): readonly string[] =>
  parseExtensionSettings(documentWith(place, name, value)).problems.map(({ where }) => where)

describe.each(all)('$place $setting.name', ({ place, setting }) => {
  test('what is said of it is true', () => {
    const where = `${place === 'entry' ? 'fileSettings.fileInfo[0]' : place}.${setting.name}`.replace(/^\./, '')
    const refused = (value: unknown): void => {
      expect(problemsOf(place, setting.name, value)[0] ?? 'taken').satisfy((told: string) => told.startsWith(where))
    }
    const taken = (value: unknown): void => expect(problemsOf(place, setting.name, value)).toEqual([])
    refused({ an: 'object' })
    if (setting.otherwise === undefined) return taken('/a')
    // What counts unless said is the same as saying it.
    const said = parseExtensionSettings(documentWith(place, setting.name, setting.otherwise))
    const unsaid = parseExtensionSettings(documentWith(place, setting.name, undefined))
    expect(said).toEqual(unsaid)
    switch (setting.kind) {
      case 'seconds':
      case 'bytes':
      case 'number':
        taken(setting.min)
        taken(setting.max)
        refused(setting.min - 1)
        refused(setting.max + 1)
        return refused(1.5)
      case 'choice':
        for (const value of setting.values) taken(value)
        return refused('none of them')
      case 'patterns':
      case 'folders':
        taken(Array.from({ length: setting.itemsMax }, () => '/a'))
        return refused(Array.from({ length: setting.itemsMax + 1 }, () => '/a'))
      default:
        return refused(7)
    }
  })
})

test('nothing that the parser reads is missing', () => {
  const settings = Object.keys(parseExtensionSettings({}).settings)
  // The parser has its own names for what it read: as many as there are settings, the entries aside and registry unread.
  const fromSections = ruleSections
    .flatMap((section) => section.settings)
    .filter(({ name }) => name !== 'enableRegistry')
  const budget = ruleSections.find(({ place }) => place === 'fileSettings.budget')?.settings.length ?? 0
  expect(fromSections.length - budget + 1).toBe(settings.length - 1)
})

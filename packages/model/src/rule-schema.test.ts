// Goal: the schema names every setting in its place, and takes the default values that it tells.
import { expect, test } from 'vitest'

import { entrySettings, ruleSections } from './rule-fields.ts'
import { ruleSchema } from './rule-schema.ts'

interface Part {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Part>>
  readonly items?: Part
}

function at(place: readonly string[]): Part | undefined {
  const step = (part: Part | undefined, name: string): Part | undefined =>
    name === '[]' ? part?.items : part?.properties?.[name]
  return place.reduce(step, ruleSchema() as Part)
}

const settings = ['properties', 'dataSources', 'extensions', '[]', 'extensionSettings']
const all = [
  ...ruleSections.flatMap((section) =>
    section.settings.map((setting) => ({ place: section.place.split('.').filter(Boolean), setting })),
  ),
  ...entrySettings.map((setting) => ({ place: ['fileSettings', 'fileInfo', '[]'], setting })),
]

test.each(all)('$place $setting.name is in it', ({ place, setting }) => {
  expect(at([...settings, ...place, setting.name])).toMatchObject({
    description: setting.meaning,
    ...(setting.otherwise === undefined ? {} : { default: setting.otherwise }),
  })
})

import { expect, test } from 'vitest'

import { meaningAt, namesAt, valuesAt } from './schema-places.ts'

const settings = ['properties', 'dataSources', 'extensions', 0, 'extensionSettings']
const entry = [...settings, 'fileSettings', 'fileInfo', 3]

test('names and values are offered where they may stand', () => {
  expect(namesAt([]).map(({ name }) => name)).toContain('properties')
  expect(namesAt(settings).map(({ name }) => name)).toEqual(expect.arrayContaining(['enableFiles', 'servicesSettings']))
  expect(namesAt(entry)).toContainEqual({
    name: 'recurse',
    meaning: expect.stringContaining('subfolders'),
    otherwise: 'true',
  })
  expect(valuesAt([...entry, 'links'])).toEqual(['Follow', 'Manage', 'Ignore'])
  expect(valuesAt([...entry, 'recurse'])).toEqual([true, false])
  expect(meaningAt([...settings, 'fileSettings', 'budget', 'nice'])).toMatchObject({ otherwise: '10' })
})

test('where nothing is known nothing is offered', () => {
  expect([namesAt(['x', 'y']), valuesAt(['constructor']), meaningAt([0])]).toEqual([[], [], undefined])
})

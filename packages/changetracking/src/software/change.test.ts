import { expect, test } from 'vitest'

import type { Item } from '../collector.ts'
import { softwareChange } from './change.ts'

const item = (version: string, more: Item['columns'] = {}): Item => ({
  columns: { SoftwareName: 'zlib1g', CurrentVersion: version, SoftwareType: 'Package', Architecture: 'amd64', ...more },
  coveredBy: ['software'],
})

test('installed, upgraded, removed', () => {
  expect(softwareChange(undefined, item('1'))).toMatchObject({
    ChangeCategory: 'Added',
    Previous: '',
    Current: '1',
    SoftwareName: 'zlib1g',
  })
  expect(softwareChange(item('1'), item('2'))).toMatchObject({
    ChangeCategory: 'Modified',
    Previous: '1',
    Current: '2',
    FieldsChanged: 'CurrentVersion',
  })
  expect(softwareChange(item('2'), undefined)).toMatchObject({ ChangeCategory: 'Removed', Previous: '2', Current: '' })
})

test('a new description is no change, a hold is one', () => {
  expect(
    softwareChange(item('1', { SoftwareDescription: 'a' }), item('1', { SoftwareDescription: 'b' })),
  ).toBeUndefined()
  const held = softwareChange(
    item('1', { SoftwareStatus: 'install ok installed' }),
    item('1', { SoftwareStatus: 'hold ok installed' }),
  )
  expect(held).toMatchObject({
    ChangeCategory: 'Modified',
    FieldsChanged: 'SoftwareStatus',
    SoftwareStatus: 'hold ok installed',
  })
})

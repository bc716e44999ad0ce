import { expect, test } from 'vitest'

import { faultOf } from './faults.ts'

test.each([
  [25, 'rows'],
  [159, 'too-long'],
  [241, 'too-large'],
  [396, 'too-large'],
  [47, 'other'],
  [0, 'other'],
])('error %d of ClickHouse is about %s', (code, fault) => {
  expect(faultOf(code)).toBe(fault)
})

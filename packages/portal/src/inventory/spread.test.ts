import { expect, test } from 'vitest'

import { spreadOf } from './spread.ts'

const row = (Computer: string, CurrentVersion: string) => ({ Computer, CurrentVersion, TimeGenerated: '2026' })

test('machines are sorted by whether they have this version, another one, or none', () => {
  const rows = [row('a', '3.0'), row('b', '1.1'), row('c', '3.0'), row('b', '2.0')]
  const spread = spreadOf('software', '3.0', { rows, everyone: ['z', 'a', 'b', 'c'] })
  expect(spread.variants).toEqual([
    { key: '3.0', machines: 2 },
    { key: '1.1', machines: 1 },
    { key: '2.0', machines: 1 },
  ])
  expect(spread.have.map(({ computer }) => computer)).toEqual(['a', 'c'])
  expect(spread.lack).toEqual([
    { computer: 'b', instead: ['1.1', '2.0'] },
    { computer: 'z', instead: [] },
  ])
})

test('a machine that has two versions of one package has the one that is asked for', () => {
  const rows = [row('a', '1'), row('a', '2')]
  expect(spreadOf('software', '2', { rows, everyone: ['a'] }).lack).toEqual([])
})

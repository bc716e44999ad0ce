import { expect, test } from 'vitest'

import { upPlaces } from './settings.ts'
import { whatIsTracked } from './tracked.ts'

const base = {
  troubles: [],
  uid: 0,
  agent: { state: 'running' as const },
  tracking: { state: 'running' as const },
  places: upPlaces('var', '/srv'),
}
const trackingLog = '/log'
const tracking = { pid: 7, version: '0.1.0', status: 'Ready', detail: '', outboxCount: 0, types: {}, gaps: [] }

test('counts are told by type, and a type with nothing is not', () => {
  const types = { Files: { count: 1_234 }, Software: { count: 7 }, Daemons: { count: 0 } }
  const screen = whatIsTracked({ tracking: { ...tracking, types }, trackingLog }, base)
  expect(screen.tracked).toEqual(['1,234 files', '7 packages'])
  expect(screen.notTracked).toEqual([])
})

test('what cannot be seen is told, the rights first, and a long list is cut with its count', () => {
  const gaps = Array.from({ length: 8 }, (_, index) => ({ reason: 'unreadable', subject: '', detail: `gap ${index}` }))
  const { notTracked } = whatIsTracked(
    { tracking: { ...tracking, gaps }, trackingLog },
    { ...base, uid: 1_000, troubles: ['agent ended'] },
  )
  expect(notTracked[0]).toBe('agent ended')
  expect(notTracked[1]).toContain('not root')
  expect(notTracked.slice(2)).toEqual([
    'gap 0',
    'gap 1',
    'gap 2',
    'gap 3',
    'gap 4',
    expect.stringContaining('and 3 more'),
  ])
})

import { expect, test } from 'vitest'

import { GroupMissing, groupNamed, groupSteps, withGroups } from './narrowing.ts'

const group = (name: string, query: string, id = `id of ${name}`) => {
  return { id, name, query, description: '', etag: '', createdAt: '', updatedAt: '' }
}
const groups = [group('Web', 'Heartbeat // all of it'), group('db', 'let a = 1;\nHeartbeat | where 1 == a')]

test('each group is a function on lines of its own, in the order of the names', () => {
  const kql = ['ConfigurationChange', ...groupSteps(['db', 'WEB'])].join('\n| ')
  expect(withGroups(kql, ['db', 'WEB'], groups)).toBe(
    [
      'let MachineGroup1 = () {\nlet a = 1;\nHeartbeat | where 1 == a\n};',
      'let MachineGroup2 = () {\nHeartbeat // all of it\n};',
      'ConfigurationChange',
      '| where Computer in ((MachineGroup1() | where isnotempty(Computer) | distinct Computer)) or Computer in ((MachineGroup2() | where isnotempty(Computer) | distinct Computer))',
    ].join('\n'),
  )
})

test('without groups nothing is added', () => {
  expect(withGroups('T', undefined, groups)).toBe('T')
  expect([groupSteps(undefined), groupSteps([])]).toEqual([[], []])
})

test('a group is found by its id and its name, and one that is not there is told by name', () => {
  expect([groupNamed(groups, 'id of db')?.name, groupNamed(groups, 'wEb')?.name]).toEqual(['db', 'Web'])
  expect(() => withGroups('T', ['gone'], groups)).toThrow(new GroupMissing('gone'))
})

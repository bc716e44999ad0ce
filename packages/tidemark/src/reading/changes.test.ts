import { expect, test } from 'vitest'

import { changesQuery } from './changes.ts'
import { changeActor, changeSummary, changedThing } from './change-text.ts'
import { inventoryQuery } from './inventory.ts'
import { parseLimit, parseSpan } from './options.ts'

test('filters become conditions, and their text cannot become anything else', () => {
  expect(changesQuery({ since: '1h', type: 'Files', machine: 'a" | take 0', text: 'x\\', limit: 5 })).toBe(
    [
      'ConfigurationChange',
      '| where TimeGenerated > ago(1h)',
      '| where ConfigChangeType == "Files"',
      '| where Computer =~ "a\\" | take 0"',
      '| where FileSystemPath contains "x\\\\" or SoftwareName contains "x\\\\" or SvcName contains "x\\\\"',
      '| top 5 by TimeGenerated desc',
    ].join('\n'),
  )
})

test('an inventory is the latest row of each item', () => {
  expect(inventoryQuery('daemons', { limit: 10 })).toContain('| where TimeGenerated == Newest')
})

test.each(['1', 'h', '1w', '-1h', '1h; drop'])('the span "%s" is refused', (text) => {
  expect(() => parseSpan(text)).toThrow('is no time span')
})

test.each(['0', '-1', '1.5', 'x', '500001'])('the limit "%s" is refused', (text) => {
  expect(() => parseLimit(text)).toThrow('is no number of rows')
})

test.each([
  {
    row: { ConfigChangeType: 'Software', SoftwareName: 'curl', Previous: '1', Current: '2' },
    thing: 'curl',
    how: '1 → 2',
  },
  { row: { ConfigChangeType: 'Files', FileSystemPath: '/etc/a', FieldsChanged: 'Size' }, thing: '/etc/a', how: 'Size' },
  {
    row: {
      ConfigChangeType: 'Files',
      FileSystemPath: '/etc/b',
      PreviousFileSystemPath: '/etc/a',
      FieldsChanged: 'FileSystemPath, Name',
    },
    thing: '/etc/b',
    how: 'was /etc/a: FileSystemPath, Name',
  },
  {
    row: {
      ConfigChangeType: 'Daemons',
      ChangeCategory: 'Modified',
      SvcName: 'ssh',
      SvcPreviousState: 'Running',
      SvcState: 'Dead',
    },
    thing: 'ssh',
    how: 'Running → Dead',
  },
  {
    row: { ConfigChangeType: 'Daemons', ChangeCategory: 'Added', SvcName: 'ssh', SvcState: 'Running' },
    thing: 'ssh',
    how: 'Running',
  },
])('a change of $row.ConfigChangeType is told in a few words', ({ row, thing, how }) => {
  expect(changedThing(row)).toBe(thing)
  expect(changeSummary(row)).toBe(how)
})

test.each([
  { account: 'root', login: 'ann', command: 'sed -i s/a/b/ x', who: 'ann as root: sed -i s/a/b/ x' },
  { account: 'root', login: 'root', command: 'touch x', who: 'root: touch x' },
  { account: 'root', login: null, command: null, who: 'root: /usr/bin/touch' },
  { account: null, login: null, command: 'touch x', who: 'touch x' },
])('who changed a file is told in a few words: $who', ({ account, login, command, who }) => {
  const row = {
    InitiatingProcessAccountName: account,
    InitiatingProcessLoginName: login,
    InitiatingProcessCommandLine: command,
    InitiatingProcessFolderPath: '/usr/bin/touch',
  }
  expect(changeActor(row)).toBe(who)
  expect(changeActor({})).toBe('')
})

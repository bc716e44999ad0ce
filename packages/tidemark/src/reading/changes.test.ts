import { expect, test } from 'vitest'

import { changesQuery, operationsQuery } from './changes.ts'
import { changeActor, changeSummary, changedThing } from './change-text.ts'
import { inventoryQuery } from './inventory.ts'
import { operationSummary, operationThing } from './operation-lines.ts'
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

test('changes of package operations are asked for by operation and machine, with the same filters', () => {
  const filters = { since: '1h', text: 'x', operation: 'apt-1', verdict: 'unowned', limit: 5 }
  expect(operationsQuery(filters).split('\n').slice(0, 6)).toEqual([
    'ConfigurationChange',
    '| where TimeGenerated > ago(1h)',
    '| where FileSystemPath contains "x" or SoftwareName contains "x" or SvcName contains "x"',
    '| where OperationId == "apt-1"',
    '| where PackageVerdict == "unowned"',
    '| where isnotempty(OperationId)',
  ])
})

test.each([
  {
    row: { CommandLine: 'apt-get upgrade', Versions: '["a 1 → 2"]', Packages: 12, Files: 300, OperationId: 'apt-1' },
    thing: 'apt-get upgrade',
    how: '12 packages, 300 files, apt-1',
  },
  {
    row: { CommandLine: '', Versions: '["a 1 → 2","b 1","c 1","d 1 removed",""]', Packages: 1, Files: 1, Edited: 1 },
    thing: 'a 1 → 2, b 1, c 1 and 1 more',
    how: '1 package, 1 file, 1 file that is not as packaged',
  },
  {
    row: {
      CommandLine: null,
      Versions: 'no JSON',
      Names: '["e"]',
      Daemons: 2,
      Outcome: 'failed',
      OperationId: 'dpkg-1',
    },
    thing: 'e',
    how: '2 daemons, failed, dpkg-1',
  },
])('a package operation is told in one line: $how', ({ row, thing, how }) => {
  expect(operationThing(row)).toBe(thing)
  expect(operationSummary(row)).toBe(how)
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
      FileSystemPath: '/etc/c',
      FieldsChanged: 'Size',
      PackageVerdict: 'conffile edited',
      PackageName: 'curl',
      PackageVersion: '8.1',
    },
    thing: '/etc/c',
    how: 'Size; conffile edited (curl 8.1)',
  },
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

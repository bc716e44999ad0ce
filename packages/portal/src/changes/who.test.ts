import { expect, test } from 'vitest'

import { accountText, programName, PROCESSES_MAX, whoOf, whoSummary, whyUnknown } from './who.ts'

const row = {
  ConfigChangeType: 'Files',
  InitiatingProcessId: 4711,
  InitiatingProcessFolderPath: '/usr/bin/vim.basic',
  InitiatingProcessCommandLine: 'vim /etc/hosts',
  InitiatingProcessAccountName: 'root',
  InitiatingProcessLoginName: 'alice',
  InitiatingProcessCertainty: 'captured',
  InitiatingProcessTree:
    '[{"pid":2,"exe":"/bin/bash","commandLine":"bash","account":"alice"},{"pid":1,"exe":"/sbin/init"}]',
  InitiatingProcessOthers: '',
}

test('who is read from the row, parents from init down', () => {
  const who = whoOf(row)
  expect(who).toMatchObject({ pid: '4711', account: 'root', login: 'alice', certainty: 'captured', others: [] })
  expect(who?.parents).toEqual([
    { pid: '1', executable: '/sbin/init', commandLine: '', account: '' },
    { pid: '2', executable: '/bin/bash', commandLine: 'bash', account: 'alice' },
  ])
})

test('of further processes, more than of parents is told', () => {
  const others =
    '[{"pid":9,"exe":"/bin/sh","account":"root","login":"bob","unit":"cron.service","certainty":"inferred"}]'
  expect(whoOf({ InitiatingProcessOthers: others })?.others).toMatchObject([
    { pid: '9', login: 'bob', unit: 'cron.service', certainty: 'inferred', note: '' },
  ])
})

test.each(['', '{', '{"pid":1}', 'null', '[null, 5, {"pid":{}}]'])('a tree that is %j breaks nothing', (tree) => {
  const who = whoOf({ ...row, InitiatingProcessTree: tree, InitiatingProcessCertainty: 'surely' })
  expect(who?.certainty).toBe('unknown')
  expect(who?.parents.every(({ pid }) => pid === '')).toBe(true)
})

test('a tree of any length is cut, and what is nearest to the process stays', () => {
  const tree = JSON.stringify(Array.from({ length: 10_000 }, (_, pid) => ({ pid })))
  const parents = whoOf({ ...row, InitiatingProcessTree: tree })?.parents
  expect(parents).toHaveLength(PROCESSES_MAX)
  expect(parents?.at(-1)?.pid).toBe('0')
})

test.each([
  [{ account: 'root', login: 'alice' }, 'root, logged in as alice'],
  [{ account: 'root', login: 'root' }, 'root'],
  [{ account: '', login: 'alice' }, 'logged in as alice'],
  [{ account: '1000', login: '' }, '1000'],
])('%j is %s', (who, text) => {
  expect(accountText(who)).toBe(text)
})

test('the table has the account and the program', () => {
  expect(whoSummary(row)).toBe('root · vim.basic')
  expect(whoSummary({ InitiatingProcessAccountName: 'root' })).toBe('root')
  expect(whoSummary({})).toBe('')
  expect(programName('vim')).toBe('vim')
})

test.each([
  [{ InitiatingProcessNote: 'It had ended before it could be looked at.' }, /had ended/],
  [{ ConfigChangeType: 'Files', DetectedBy: 'scan' }, /nobody was watching/],
  [{ ConfigChangeType: 'Files', DetectedBy: 'watch' }, /not who/],
  [{ ConfigChangeType: 'Software', DetectedBy: 'scan' }, /files only/],
  [{ ConfigChangeType: 'Files' }, /tells nothing/],
])('where nothing is known, a sentence says why: %j', (unknown, sentence) => {
  expect(whoOf(unknown)).toBeUndefined()
  expect(whyUnknown(unknown)).toMatch(sentence)
})

import { expect, test } from 'vitest'

import { changeQuery, countQuery, filtersOf, logsQuery, parseChangeSearch } from './change-view.ts'

test('the address is read, and what cannot be understood is left out', () => {
  expect(parseChangeSearch({ span: '7d', from: 5, to: 3, type: 'Files', text: '' })).toEqual({
    span: '7d',
    type: ['Files'],
  })
  expect(parseChangeSearch({ machine: ['a', 7, {}, 'a'], sort: '-Computer', open: 'x' })).toEqual({
    machine: ['a', '7'],
    sort: '-Computer',
    open: ['x'],
  })
  expect(parseChangeSearch({ sort: 'Computer desc | take 1' })).toEqual({})
  expect(parseChangeSearch({ span: 'x', from: '5', to: 9 })).toEqual({ from: 5, to: 9 })
  for (const range of [{ from: 0, to: 1e15 }, { from: -1, to: 5 }, { from: 'a', to: 5 }, { from: 1 }])
    expect(parseChangeSearch(range)).toEqual({})
})

test('what people write is quoted in the query', () => {
  const text = changeQuery({ machine: ['a" | take 1 //', 'b'], text: '\\' }, 0)
  expect(text).toContain('| where Computer in ("a\\" | take 1 //", "b")')
  expect(text).toContain('FileSystemPath contains "\\\\"')
})

test('the chart counts what the table shows, in bars of its own size', () => {
  const search = { span: '1h', type: ['Files'], category: ['Added'], text: 'a b' } as const
  const [table, chart] = [changeQuery(search, 3_600_000), countQuery(search, 3_600_000)]
  expect(chart.split('\n').slice(0, -1)).toEqual(table.split('\n').slice(0, -3))
  expect(chart.split('\n').at(-1)).toBe('| summarize Count = count() by At = bin(TimeGenerated, 60s), ConfigChangeType')
})

test('a range that was chosen has an end, a span has none', () => {
  expect(changeQuery({ from: 0, to: 1_000 }, 5)).toContain(
    'TimeGenerated >= datetime(1970-01-01T00:00:00.000Z) and TimeGenerated < datetime(1970-01-01T00:00:01.000Z)',
  )
  expect(changeQuery({ span: '1h' }, 3_600_000)).not.toContain('TimeGenerated <')
})

test('the change that is open is no filter', () => {
  expect(filtersOf({ type: ['Files'], change: 'x', sort: 'Computer' })).toEqual({ type: ['Files'] })
})

test('an account is looked for behind processes and behind logins', () => {
  const text = changeQuery({ account: ['a"b'] }, 0)
  expect(text).toContain('| where InitiatingProcessAccountName in ("a\\"b") or InitiatingProcessLoginName in ("a\\"b")')
  expect(changeQuery({ text: 'vim' }, 0)).toContain('InitiatingProcessCommandLine contains "vim"')
})

test('the query for people keeps a relative span relative', () => {
  expect(logsQuery({ span: '7d', prefix: '/etc' }).split('\n')).toEqual([
    'ConfigurationChange',
    '| where TimeGenerated >= ago(7d)',
    '| where FileSystemPath startswith_cs "/etc/"',
    '| sort by TimeGenerated desc',
    '| take 1000',
  ])
})

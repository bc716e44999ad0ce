import { expect, test } from 'vitest'

import { accountQuery, changeQuery, countQuery, filtersOf, parseChangeSearch } from './change-view.ts'

test('the address is read, and what cannot be understood is left out', () => {
  expect(parseChangeSearch({ span: '7d', from: 5, to: 3, type: 'Files', text: '' })).toEqual({
    span: '7d',
    type: 'Files',
  })
  expect(parseChangeSearch({ span: 'x', from: '5', to: 9 })).toEqual({ from: 5, to: 9 })
  for (const range of [{ from: 0, to: 1e15 }, { from: -1, to: 5 }, { from: 'a', to: 5 }, { from: 1 }])
    expect(parseChangeSearch(range)).toEqual({})
})

test('what people write is quoted in the query', () => {
  const text = changeQuery({ machine: 'a" | take 1 //', text: '\\' }, 0)
  expect(text).toContain('| where Computer == "a\\" | take 1 //"')
  expect(text).toContain('FileSystemPath contains "\\\\"')
})

test('the chart counts what the table shows, in bars of its own size', () => {
  const search = { span: '1h', type: 'Files', category: 'Added', text: 'a b' } as const
  const [table, chart] = [changeQuery(search, 3_600_000), countQuery(search, 3_600_000)]
  expect(chart.split('\n').slice(0, -1)).toEqual(table.split('\n').slice(0, -2))
  expect(chart.split('\n').at(-1)).toBe('| summarize Count = count() by At = bin(TimeGenerated, 60s), ConfigChangeType')
})

test('a range that was chosen has an end, a span has none', () => {
  expect(changeQuery({ from: 0, to: 1_000 }, 5)).toContain(
    'TimeGenerated >= datetime(1970-01-01T00:00:00.000Z) and TimeGenerated < datetime(1970-01-01T00:00:01.000Z)',
  )
  expect(changeQuery({ span: '1h' }, 3_600_000)).not.toContain('TimeGenerated <')
})

test('the change that is open is no filter', () => {
  expect(filtersOf({ type: 'Files', change: 'x' })).toEqual({ type: 'Files' })
})

test('an account is looked for behind processes and behind logins', () => {
  const text = changeQuery({ account: 'a"b' }, 0)
  expect(text).toContain('| where InitiatingProcessAccountName == "a\\"b" or InitiatingProcessLoginName == "a\\"b"')
  expect(changeQuery({ text: 'vim' }, 0)).toContain('InitiatingProcessCommandLine contains "vim"')
})

test('the accounts that can be chosen are those that all other filters let through', () => {
  const text = accountQuery({ account: 'alice', machine: 'alpha' }, 0)
  expect(text).toContain('where Computer == "alpha"')
  expect(text).not.toContain('alice')
})

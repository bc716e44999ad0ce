import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { compileKql, type KqlTable, timespanText } from '@tidemark/kql'
import { Session } from 'chdb'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Goal: queries mean on ClickHouse what they mean in Kusto. Method: a small table of every type, in a real chDB, and for
// each operator and function a query with the rows that Kusto gives (learn.microsoft.com/kusto/query).

const tables: Record<string, KqlTable> = {
  T: {
    name: 'T',
    columns: [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'Computer', type: 'string' },
      { name: 'Size', type: 'long' },
      { name: 'Share', type: 'real' },
      { name: 'Text', type: 'string' },
      { name: 'Bag', type: 'dynamic' },
      { name: 'Flag', type: 'bool' },
    ],
  },
  U: {
    name: 'U',
    columns: [
      { name: 'Computer', type: 'string' },
      { name: 'Owner', type: 'string' },
    ],
  },
}
const nowMs = Date.UTC(2026, 0, 2)

const folder = mkdtempSync(join(tmpdir(), 'tidemark-kql-'))
let session: Session
beforeAll(() => {
  session = new Session(folder)
  session.query('CREATE DATABASE d')
  session.query(
    "CREATE TABLE d.T (TenantId String, TimeGenerated DateTime64(7, 'UTC'), Computer LowCardinality(String), Size Nullable(Int64), Share Nullable(Float64), Text String, Bag String, Flag Nullable(Bool)) ENGINE = MergeTree ORDER BY TimeGenerated",
  )
  session.query(
    'CREATE TABLE d.U (TenantId String, Computer String, Owner String) ENGINE = MergeTree ORDER BY Computer',
  )
  session.query(`INSERT INTO d.T VALUES
    ('w', '2026-01-01 00:10:00.1234567', 'web-1', 10, 0.5, '/etc/ssh/sshd_config', '{"a":{"b":7},"l":[1,"x"]}', true),
    ('w', '2026-01-01 00:50:00', 'web-1', 20, NULL, 'nginx was upgraded', '', false),
    ('w', '2026-01-01 01:10:00', 'Web-2', NULL, 1.5, '', '', NULL),
    ('w', '2026-01-01 02:00:00', 'db', 7, 2.5, 'it''s a \\\\ "quote"', '"s"', true),
    ('other', '2026-01-01 02:00:00', 'foreign', 1, 1, 'x', '', true)`)
  session.query("INSERT INTO d.U VALUES ('w', 'web-1', 'ann'), ('w', 'web-1', 'bob'), ('w', 'lost', 'cy')")
})
afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true, force: true })
})

function ask(text: string): { names: string[]; rows: unknown[][] } {
  const compiled = compileKql(text, {
    tables,
    scope: [{ column: 'TenantId', anyOf: ['w'] }],
    nowMs,
    rowsMax: 100,
    storedAt: (table) => ({ database: 'd', table }),
  })
  if (compiled.kind === 'rejected') throw new Error(compiled.problems.map(({ message }) => message).join('; '))
  const parameters = Object.fromEntries(Object.entries(compiled.parameters).map(([name, { value }]) => [name, value]))
  const settings =
    "SETTINGS date_time_output_format = 'iso', output_format_json_quote_64bit_integers = 0, join_use_nulls = 1"
  const lines = session.queryBind(`${compiled.sql} ${settings}`, parameters, 'JSONCompactEachRow')
  const rows = lines
    .split('\n')
    .filter(Boolean)
    .map((line): unknown[] => JSON.parse(line))
  const types = compiled.columns.map(({ type }) => type)
  return {
    names: compiled.columns.map(({ name }) => name),
    rows: rows.map((row) => row.map((cell, index) => told(cell, types[index]))),
  }
}

/** The store's booleans may be numbers, its timespans are ticks. */
function told(cell: unknown, type: string | undefined): unknown {
  if (cell === null) return null
  if (type === 'bool') return Boolean(cell)
  return type === 'timespan' ? timespanText(Number(cell)) : cell
}

test.each<[string, unknown[][]]>([
  ['T | count', [[4]]],
  ['T | where Size > 8 | count', [[2]]],
  ['T | where Size > 8 or isnull(Size) | count', [[3]]],
  ['T | where not(Size > 8) | count', [[1]]],
  ['T | where Size between (7 .. 10) | count', [[2]]],
  ['T | where Size !between (7 .. 10) | count', [[1]]],
  ['T | where Computer == "web-1" | count', [[2]]],
  ['T | where Computer != "web-1" | count', [[2]]],
  ['T | where Computer =~ "WEB-2" | count', [[1]]],
  ['T | where Computer !~ "WEB-2" | count', [[3]]],
  ['T | where Computer in ("web-1", "db") | count', [[3]]],
  ['T | where Computer !in ("web-1", "db") | count', [[1]]],
  ['T | where Computer in~ ("WEB-1") | count', [[2]]],
  ['T | where Computer !in~ ("WEB-1") | count', [[2]]],
  ['T | where Computer in (U | project Computer) | count', [[2]]],
  ['T | where Text contains "SSHD" | count', [[1]]],
  ['T | where Text !contains "sshd" | count', [[3]]],
  ['T | where Text contains_cs "SSHD" | count', [[0]]],
  ['T | where Text has "ssh" | count', [[1]]],
  ['T | where Text has "SSHD" | count', [[1]]],
  ['T | where Text has "ssh/sshd" | count', [[1]]],
  ['T | where Text has "ss" | count', [[0]]],
  ['T | where Text !has "ss" | count', [[4]]],
  ['T | where Text has_cs "SSH" | count', [[0]]],
  ['T | where Text hasprefix "ngi" | count', [[1]]],
  ['T | where Text hassuffix "graded" | count', [[1]]],
  ['T | where Text has_any ("nothing", "nginx") | count', [[1]]],
  ['T | where Text has_all ("was", "nginx") | count', [[1]]],
  ['T | where Text startswith "/ETC" | count', [[1]]],
  ['T | where Text startswith_cs "/ETC" | count', [[0]]],
  ['T | where Text !startswith "/etc" | count', [[3]]],
  ['T | where Text endswith "CONFIG" | count', [[1]]],
  ['T | where Text matches regex "^nginx.*ed$" | count', [[1]]],
  [String.raw`T | where Text == "it's a \\ \"quote\"" | count`, [[1]]],
  ['T | where Flag | count', [[2]]],
  ['T | where TimeGenerated > ago(23h) | count', [[2]]],
  ['T | where TimeGenerated between (datetime(2026-01-01) .. 1h) | count', [[2]]],
  ['T | where TimeGenerated >= datetime(2026-01-01 01:10) | count', [[2]]],
  ['T | where Bag.a.b == 7 | count', [[1]]],
  ['T | where isempty(Text) | count', [[1]]],
  ['T | where isnotempty(Text) | count', [[3]]],
  [
    'T | project Computer, Size | sort by Size',
    [
      ['web-1', 20],
      ['web-1', 10],
      ['db', 7],
      ['Web-2', null],
    ],
  ],
  [
    'T | project Computer, Size | sort by Size asc',
    [
      ['Web-2', null],
      ['db', 7],
      ['web-1', 10],
      ['web-1', 20],
    ],
  ],
  ['T | order by Computer asc, Size desc | project Size', [[null], [7], [20], [10]]],
  ['T | sort by Size | project Computer | take 1', [['web-1']]],
  ['T | top 2 by Size | project Size', [[20], [10]]],
  ['T | top 1 by Size asc nulls last | project Size', [[7]]],
  ['T | take 0', []],
  ['T | limit 2 | count', [[2]]],
  ['T | distinct Computer | count', [[3]]],
  ['U | distinct * | count', [[3]]],
  ['T | extend Size = Size * 2 | summarize sum(Size)', [[74]]],
  ['T | extend a = Size + 1, b = strcat(Computer, "!") | where Computer == "db" | project a, b', [[8, 'db!']]],
  ['T | project-away TimeGenerated, Text, Bag, Flag, Share | where Size == 7', [['db', 7]]],
  ['T | project-rename Host = Computer | where Host == "db" | project Host', [['db']]],
  ['T | project-keep Size | where Size == 7', [[7]]],
  [
    'T | summarize count() by Computer | sort by Computer asc',
    [
      ['Web-2', 1],
      ['db', 1],
      ['web-1', 2],
    ],
  ],
  [
    'T | summarize n = count(), dcount(Computer), countif(Size > 8), sum(Size), avg(Share), min(Size), max(Size)',
    [[4, 3, 2, 37, 1.5, 7, 20]],
  ],
  ['T | where false | summarize count(), sum(Size)', [[0, 0]]],
  [
    'T | summarize count() by bin(TimeGenerated, 1h) | sort by TimeGenerated asc',
    [
      ['2026-01-01T00:00:00.0000000Z', 2],
      ['2026-01-01T01:00:00.0000000Z', 1],
      ['2026-01-01T02:00:00.0000000Z', 1],
    ],
  ],
  ['T | summarize by Computer | count', [[3]]],
  ['T | summarize arg_max(TimeGenerated, Size) by Computer | where Computer == "web-1" | project Size', [[20]]],
  [
    'T | summarize arg_max(TimeGenerated, *) by Computer | where Computer == "Web-2" | project Size, Share, Text',
    [[null, 1.5, '']],
  ],
  ['T | summarize arg_min(TimeGenerated, *) by Computer | where Computer == "web-1" | project Size', [[10]]],
  ['T | summarize arg_max(Size, Computer)', [[20, 'web-1']]],
  ['T | summarize round(avg(Size), 1), count() * 2', [[12.3, 8]]],
  ['T | where Size > 5 | summarize make_list(Size) by Computer | where Computer == "db"', [['db', '[7]']]],
  ['let n = 7; T | where Size == n | count', [[1]]],
  ['let big = T | where Size > 8; big | count', [[2]]],
  ['let big = T | where Size > 8; big | union (big) | count', [[4]]],
  ['let since = ago(1d); let all = T | where TimeGenerated > since; all | summarize count()', [[4]]],
  ['union T, U | count', [[7]]],
  ['T | join kind=inner U on Computer | count', [[4]]],
  ['T | join U on Computer | count', [[2]]],
  ['T | join kind=leftouter U on Computer | where Owner == "" | count', [[2]]],
  ['T | join kind=leftanti U on Computer | count', [[2]]],
  ['T | join kind=leftsemi U on Computer | count', [[2]]],
  ['T | join kind=rightanti U on Computer | project Owner', [['cy']]],
  [
    'T | join kind=inner (U | project Host = Computer, Owner) on $left.Computer == $right.Host | where Owner == "ann" | count',
    [[2]],
  ],
  ['T | lookup U on Computer | where Owner == "bob" | count', [[2]]],
  ['let m = materialize(T | where Size > 8); m | count', [[2]]],
  ['let m = toscalar(T | summarize max(Size)); T | where Size == m | count', [[1]]],
  ['print iff(1 > 2, "a", "b"), iif(true, 1, 2), case(false, 1, true, 2, 3)', [['b', 1, 2]]],
  [
    'print tolower("ÄB"), toupper("äb"), strlen("äb"), substring("hello", 1, 3), substring("hello", 2)',
    [['äb', 'ÄB', 2, 'ell', 'llo']],
  ],
  [
    'print replace_string("aXa", "X", "-"), indexof("abc", "c"), indexof("abc", "z"), countof("aXaX", "X")',
    [['a-a', 2, -1, 2]],
  ],
  [
    'print extract("(\\\\d+)-(\\\\d+)", 2, "x 10-20"), trim("-", "--a--"), split("a,b", ",")',
    [['20', 'a', '["a","b"]']],
  ],
  [
    'print tostring(5), tostring(true), tostring(datetime(2026-01-01)), tostring(1h), toint("7"), tolong("x"), todouble("2.5")',
    [['5', 'True', '2026-01-01T00:00:00.0000000Z', '01:00:00', 7, null, 2.5]],
  ],
  [
    'print todatetime("2026-01-01T10:00:00Z"), tobool("true"), todatetime("never")',
    [['2026-01-01T10:00:00.0000000Z', true, null]],
  ],
  [
    'print bin(17, 5), bin(2.7, 0.5), floor(-3, 5), bin(1.5h, 1h), 7 / 2, 7.0 / 2, 7 % 3, -7 % 3',
    [[15, 2.5, -5, '01:00:00', 3, 3.5, 1, 2]],
  ],
  [
    'print 1 / 0, coalesce("", "b"), coalesce(long(null), 2), isnull(long(null)), not(true)',
    [[null, 'b', 2, true, false]],
  ],
  [
    'print now(), ago(1d), datetime(2026-01-02) - datetime(2026-01-01 12:00), datetime(2026-01-01) + 1h',
    [['2026-01-02T00:00:00.0000000Z', '2026-01-01T00:00:00.0000000Z', '12:00:00', '2026-01-01T01:00:00.0000000Z']],
  ],
  [
    'print startofday(datetime(2026-03-05 10:00)), startofmonth(datetime(2026-03-05)), hourofday(datetime(2026-03-05 10:00))',
    [['2026-03-05T00:00:00.0000000Z', '2026-03-01T00:00:00.0000000Z', 10]],
  ],
  ['print bin(datetime(2026-01-08 10:00), 7d)', [['2026-01-05T00:00:00.0000000Z']]],
  ['print parse_json("{\\"a\\":[1,{\\"b\\":\\"x\\"}]}").a[1].b, array_length(dynamic([1,2]))', [['x', 2]]],
  ['T | where Bag.l[1] == "x" | project tostring(Bag.l[1]), tolong(Bag.a.b)', [['x', 7]]],
  ['print abs(-3), pow(2, 3), sqrt(9.0), round(2.567, 1), max_of(1, 5, 3)', [[3, 8, 3, 2.6, 5]]],
  ['T | where TimeGenerated == datetime(2026-01-01 00:10:00.1234567) | count', [[1]]],
])('%s', (text, rows) => {
  expect(ask(text).rows).toEqual(rows)
})

test('columns have the names that Kusto gives them', () => {
  expect(ask('T | summarize count(), dcount(Computer), max(Size) by bin(TimeGenerated, 1h), Computer').names).toEqual([
    'TimeGenerated',
    'Computer',
    'count_',
    'dcount_Computer',
    'max_Size',
  ])
  expect(ask('T | join kind=inner U on Computer').names.slice(-3)).toEqual(['Flag', 'Computer1', 'Owner'].slice(-3))
  expect(ask('T | project strcat(Computer, "x"), Size + 1').names).toEqual(['Column1', 'Column2'])
})

test('other workspaces are not seen, whatever the query says', () => {
  expect(ask('T | where Computer == "foreign" or true | count').rows).toEqual([[4]])
})

test('an answer has one row more than asked for, so that a cut is seen', () => {
  const compiled = compileKql('T', { tables, scope: [], nowMs, rowsMax: 2 })
  expect(compiled).toMatchObject({ kind: 'compiled', sql: expect.stringMatching(/LIMIT 3$/) })
})

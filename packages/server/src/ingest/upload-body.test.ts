import { problemsText } from '@tidemark/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseUpload, ROWS_MAX } from './upload-body.ts'

const upload = (dataType: unknown, items: unknown) => JSON.stringify({ DataType: dataType, DataItems: items })

describe('rows go to their tables', () => {
  test('changes, visibility rows and operations of one upload part', () => {
    const parsed = parseUpload(
      upload('CONFIG_CHANGE_BLOB_V2', [
        { Name: 'a' },
        { Type: 'TidemarkVisibility' },
        { Type: 'TidemarkOperation' },
        { Name: 'b' },
      ]),
    )
    expect(parsed).toEqual({
      kind: 'parsed',
      value: {
        rows: new Map([
          ['ConfigurationChange', [{ Name: 'a' }, { Name: 'b' }]],
          ['TidemarkVisibility', [{ Type: 'TidemarkVisibility' }]],
          ['TidemarkOperation', [{ Type: 'TidemarkOperation' }]],
        ]),
        contents: [],
      },
    })
  })

  test('a heartbeat’s own names become those of the columns', () => {
    const parsed = parseUpload(
      upload('HEALTH_ASSESSMENT_BLOB', [{ Timestamp: '2024-01-01T00:00:00Z', ComputerPrivateIps: '["10.0.0.1"]' }]),
    )
    expect(parsed).toEqual({
      kind: 'parsed',
      value: {
        contents: [],
        rows: new Map([['Heartbeat', [{ TimeGenerated: '2024-01-01T00:00:00Z', ComputerPrivateIPs: '["10.0.0.1"]' }]]]),
      },
    })
  })

  test.each(['CONFIG_CHANGE_BLOB_V2', 'CONFIG_DATA_BLOB_V2', 'HEALTH_ASSESSMENT_BLOB'])(
    'parts of contents in %s go to no table',
    (dataType) => {
      const part = { Type: 'TidemarkContent', Bytes: 'AA==' }
      const parsed = parseUpload(upload(dataType, [part]))
      expect(parsed).toEqual({ kind: 'parsed', value: { contents: [part], rows: new Map() } })
    },
  )

  test('inventory goes to ConfigurationData', () => {
    const parsed = parseUpload(upload('CONFIG_DATA_BLOB_V2', [{}]))
    expect(parsed).toEqual({ kind: 'parsed', value: { contents: [], rows: new Map([['ConfigurationData', [{}]]]) } })
  })
})

describe('what is wrong is said with its place', () => {
  test.each([
    ['{', /JSON/],
    ['[]', /^an upload is a JSON object$/],
    [upload(undefined, []), /^DataType: is missing$/],
    [upload('CONFIG_CHANGE_BLOB', {}), /^DataItems: is no array$/],
    [upload('constructor', []), /^DataType: "constructor" is not taken here/],
    [upload('CONFIG_DATA_BLOB_V2', {}), /^DataItems: is no array$/],
    [upload('CONFIG_DATA_BLOB_V2', [{}, {}, 3]), /^DataItems\[2\]: is no object$/],
  ])('%s', (text, expected) => {
    const parsed = parseUpload(text)
    expect(parsed.kind === 'rejected' && problemsText(parsed.problems)).toMatch(expected)
  })

  test('more rows than may be', () => {
    const parsed = parseUpload(`{"DataType":"CONFIG_DATA_BLOB_V2","DataItems":[${'{},'.repeat(ROWS_MAX)}{}]}`)
    expect(parsed.kind === 'rejected' && problemsText(parsed.problems)).toBe(
      'DataItems: has 100001 rows; at most 100000 are taken',
    )
  })

  test('any text gives rows or problems', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseUpload(text)))
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { SHOWN_BYTES_MAX, shownBytes, shownText } from './shown-text.ts'

const key = Buffer.alloc(32, 7)
const facts = { hash: 'ab'.repeat(32), size: 9, isWhole: true }

test.each([
  ['utf-8', Buffer.from('Grüße\n'), 'Grüße\n'],
  ['utf-8', Buffer.alloc(0), ''],
  ['latin1', Buffer.from('Grüße\n', 'latin1'), 'Grüße\n'],
  ['utf-16le', Buffer.from('\ufeffGrüße\n', 'utf16le'), '\ufeffGrüße\n'],
  ['utf-16be', Buffer.from('\ufeffGrüße\n', 'utf16le').swap16(), '\ufeffGrüße\n'],
  ['binary', Buffer.from('a\0b'), ''],
  ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x02]), '\x7fELF\x02'],
  ['binary', Buffer.from([0x1f, 0x8b, 0x08, 0xff, 0x90]), ''],
])('%s is told as such', (encoding, bytes, text) => {
  const shown = shownText(bytes, facts, key)
  if (encoding === 'binary' && text !== '') return expect(shown.encoding).toBe('utf-8')
  expect([shown.encoding, shown.text, shown.isText]).toEqual([encoding, text, encoding !== 'binary'])
})

test('secrets are hidden under a key, and only there', () => {
  const bytes = Buffer.from('password=hunter2\n')
  expect(shownText(bytes, facts, key)).toMatchObject({ redactionCount: 1 })
  expect(shownText(bytes, facts, key).text).not.toContain('hunter2')
  expect(shownText(bytes, facts, undefined)).toMatchObject({ text: 'password=hunter2\n', redactionCount: 0 })
})

test('a beginning ends with a line, and never in a secret or a character', () => {
  const part = { ...facts, isWhole: false }
  expect(shownText(Buffer.from('a=1\npassw'), part, key)).toMatchObject({ text: 'a=1\n', isTruncated: true })
  const token = `ghp_${'a1B2'.repeat(9)}`
  const whole = Buffer.from(`${'x '.repeat(1_000)}${token} ü`)
  for (let bytes = 2_000; bytes < whole.length; bytes += 1) {
    const { text, isText } = shownText(whole.subarray(0, bytes), part, key)
    expect([isText, text.includes('ghp_')]).toEqual([true, false])
  }
})

test('what an entry says is shown, within our own limit', () => {
  expect([shownBytes(undefined), shownBytes(0), shownBytes(7), shownBytes(1e12)]).toEqual([
    500_000,
    500_000,
    7,
    SHOWN_BYTES_MAX,
  ])
})

test('any bytes are shown or told to be no text', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.boolean(), (bytes, isWhole) => {
      const { isText, text } = shownText(Buffer.from(bytes), { ...facts, isWhole }, key)
      expect(isText || text === '').toBe(true)
    }),
  )
})

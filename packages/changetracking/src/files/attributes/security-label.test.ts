import fc from 'fast-check'
import { expect, test } from 'vitest'

import { securityLabelText } from './security-label.ts'

test.each([
  { bytes: 'system_u:object_r:etc_t:s0\0', text: 'system_u:object_r:etc_t:s0' },
  { bytes: 'system_u:object_r:etc_t:s0', text: 'system_u:object_r:etc_t:s0' },
  { bytes: '_', text: '_' },
  { bytes: '\0', text: '' },
  { bytes: 'a\0b\0', text: String.raw`a\x00b` },
  { bytes: 'a\nb', text: String.raw`a\x0ab` },
  { bytes: 'a\\b', text: String.raw`a\\b` },
  { bytes: 'a\xff\\', text: String.raw`a\xff\\` },
  { bytes: '\xc3\xa9', text: 'é' },
  { bytes: '\xc2\x85', text: String.raw`\xc2\x85` },
])('$text', ({ bytes, text }) => {
  expect(securityLabelText(Buffer.from(bytes, 'latin1'))).toBe(text)
})

// Pieces that could be taken for each other. A mutant that failed here: backslashes doubled only beside odd bytes.
const piece = fc.constantFrom(
  '\0',
  '\n',
  '\\',
  '\\x00',
  '\\xff',
  '\\x0a',
  '\xff',
  '\xc3',
  '\xa9',
  '\xc2\x85',
  '\x85',
  'a',
)
const label = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(''))

test('any bytes: never throws, one line, and only NULs at the end are lost', () => {
  fc.assert(
    fc.property(label, label, (a, b) => {
      const [one, other] = [securityLabelText(Buffer.from(a, 'latin1')), securityLabelText(Buffer.from(b, 'latin1'))]
      expect(one).not.toMatch(/[\0-\x1f\x7f]/)
      const ended = (bytes: string) => bytes.replace(/\0+$/, '')
      expect(one === other).toBe(ended(a) === ended(b))
    }),
    { numRuns: 2_000 },
  )
})

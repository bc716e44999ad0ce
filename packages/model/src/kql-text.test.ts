import { expect, test } from 'vitest'

import { kqlString } from './kql-text.ts'

test.each([
  { name: 'plain text stands as it is', text: '/etc/ssh', literal: '"/etc/ssh"' },
  { name: 'a quote cannot end the literal', text: 'a" | take 1', literal: '"a\\" | take 1"' },
  { name: 'a backslash stays one', text: 'a\\', literal: '"a\\\\"' },
  { name: 'a line break stays inside', text: 'a\nb', literal: '"a\\u000ab"' },
])('kqlString: $name', ({ text, literal }) => {
  expect(kqlString(text)).toBe(literal)
})

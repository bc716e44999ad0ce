import { expect, test } from 'vitest'

import { keptContents } from './kept.ts'

const hash = 'ab'.repeat(32)

test.each([
  [`/v1/contents/${hash}`, hash],
  [`https://store.example/c/${hash}`, hash],
  [hash, hash],
  [`/v1/contents/${hash}?x`, undefined],
  [`javascript:alert(1)//${hash.slice(1)}`, undefined],
  ['', undefined],
  [null, undefined],
])('of the link %j, the hash is %j', (link, found) => {
  expect(keptContents({ FileContentBlobLink: link })).toEqual({ before: undefined, after: found })
  expect(keptContents({ PreviousFileContentBlobLink: link })).toEqual({ before: found, after: undefined })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { PAGE_MAX, pageOf } from './page.ts'

const ids = (names: readonly string[]) =>
  [...new Set(names.map((name) => name.toLowerCase()))].sort().map((id) => ({ id: `/${id}` }))

test('page after page gives every element once, in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string()),
      fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
      (names, top) => {
        const all = ids(names)
        const seen: { id: string }[] = []
        let url: string | undefined = `/list?api-version=1${top === undefined ? '' : `&$top=${top}`}`
        while (url !== undefined) {
          const page: { value: readonly { id: string }[]; nextLink?: string } = pageOf(all, url, 'http://h')
          expect(page.value.length).toBeLessThanOrEqual(Math.min(top ?? PAGE_MAX, PAGE_MAX))
          seen.push(...page.value)
          url = page.nextLink?.slice('http://h'.length)
        }
        expect(seen).toEqual(all)
      },
    ),
  )
})

test('what is deleted meanwhile hides nothing, and a token of nonsense begins anew', () => {
  const all = ids(['a', 'b', 'c', 'd'])
  const { nextLink = '' } = pageOf(all, '/list?$top=2', 'http://h')
  const later = all.filter(({ id }) => id !== '/b')
  expect(pageOf(later, nextLink.slice('http://h'.length), 'http://h').value).toEqual([{ id: '/c' }, { id: '/d' }])
  expect(pageOf(all, '/list?$skipToken=%00%ff&$top=-1', 'http://h').value).toEqual(all)
})

/** Elements of one page of a list; the next page has a link. */
export const PAGE_MAX = 100

/** A page of a list that is in the order of its ids. */
export interface Page<T> {
  readonly value: readonly T[]
  /** The whole address of the next page. */
  readonly nextLink?: string
}

/**
 * The page of a list that a request asks for with `$top` and `$skipToken`. The token says which id was last, so that what
 * is made or deleted meanwhile neither repeats nor hides another one.
 */
export function pageOf<T extends { readonly id: string }>(all: readonly T[], url: string, publicUrl: string): Page<T> {
  const [path = '', query = ''] = url.split('?')
  const parameters = new URLSearchParams(query)
  const top = Number(parameters.get('$top') ?? PAGE_MAX)
  const countMax = Number.isInteger(top) && top > 0 ? Math.min(top, PAGE_MAX) : PAGE_MAX
  const after = Buffer.from(parameters.get('$skipToken') ?? '', 'base64url').toString('utf8')
  const rest = all.filter(({ id }) => id.toLowerCase() > after)
  const value = rest.slice(0, countMax)
  const last = value.at(-1)
  if (last === undefined || rest.length <= countMax) return { value }
  parameters.set('$skipToken', Buffer.from(last.id.toLowerCase()).toString('base64url'))
  return { value, nextLink: `${publicUrl}${path}?${parameters.toString()}` }
}

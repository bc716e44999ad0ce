import axe from 'axe-core'
import type { Page } from 'playwright-core'

interface Found {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/**
 * What axe finds against WCAG 2.2 A and AA on a page as it is now, a line each; none is what is wanted. Playwright runs it
 * outside of the page's Content-Security-Policy, which would let no foreign code in. Left out are the stops by which
 * Fluent's dialogs notice that the focus leaves: they hand it on at once.
 */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
  // As text: it runs in the page, whose words the tests' own types do not know.
  const found = await page.evaluate<Found[]>(
    `axe.run({ exclude: ['[data-tabster-dummy]'] }, { runOnly: ${JSON.stringify(tags)} }).then(({ violations }) => violations)`,
  )
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary}`),
  )
}

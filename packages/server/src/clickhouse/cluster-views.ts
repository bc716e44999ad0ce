import { derived, derivedSelect, itemSelect, viewStatements } from './derived.ts'
import { DATABASE } from './layout.ts'

/**
 * What a cluster has in place of the derived tables: views of their names over the rows themselves. A view that fills a table
 * may be cut off between both, and what is behind is known only where one insert runs at a time (decision 0042): here
 * questions are slower, and never wrong.
 */
export function clusterViews(): string[] {
  const ofRows = derived.map((one) => {
    const type = one.type === undefined ? '' : `, '${one.type}' AS Type`
    return `CREATE OR REPLACE VIEW ${DATABASE}.\`${one.name}\` AS SELECT *${type} FROM (${derivedSelect(one)})`
  })
  const items = `CREATE OR REPLACE VIEW ${DATABASE}.TidemarkItem AS SELECT *, 'TidemarkItem' AS Type FROM (${itemSelect()})`
  return [...ofRows, ...viewStatements(), items]
}

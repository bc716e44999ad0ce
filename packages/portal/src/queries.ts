export { changeQuery, type ChangeSearch, countQuery, detailQuery, FIRST_ROWS_MAX } from './changes/change-view.ts'
export { facets } from './changes/facets.ts'
export { operationQuery } from './changes/operations.ts'
export { elsewhereQuery, historyQuery } from './changes/related-queries.ts'
export { findQuery, foundTypes } from './find/find-queries.ts'
export {
  countsQuery,
  everyMachineQuery,
  inventoryQuery,
  machinesQuery,
  propertiesQuery,
  tabNames,
} from './inventory/inventory-view.ts'
export {
  changeCountsQuery,
  gapCountsQuery,
  gapsQuery,
  lastChangesQuery,
  ruleVersionsQuery,
} from './machines/machine-queries.ts'

import type { InventoryColumn } from '@tidemark/model'

import type { ItemColumns } from '../collector.ts'

/** The columns of these in which two states differ; an absent cell is an empty one. */
export function differingFields(
  previous: ItemColumns,
  current: ItemColumns,
  fields: readonly InventoryColumn[],
): InventoryColumn[] {
  return fields.filter((field) => (previous[field] ?? '') !== (current[field] ?? ''))
}

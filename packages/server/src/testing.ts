export { ChdbStore } from './clickhouse/chdb.ts'
export { DATABASE } from './clickhouse/schema.ts'
export { StoreRefused } from './ports.ts'
export type { Insert, RowStore, Select } from './ports.ts'

// What is installed and running here, now, without agent or server.
export { collectOnce } from './schedule/collect-once.ts'
export type { CollectOnceOptions, CollectOnceResult } from './schedule/collect-once.ts'

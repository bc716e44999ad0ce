export { servicesCollector } from './services/collector.ts'
export { softwareCollector } from './software/collector.ts'
export type { RunCommand } from './host/run.ts'

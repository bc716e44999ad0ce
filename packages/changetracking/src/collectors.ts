import type { Collector } from './collector.ts'
import { runCommand } from './host/run.ts'
import { servicesCollector } from './services/collector.ts'
import { softwareCollector } from './software/collector.ts'
import { softwareMachine } from './software/machine.ts'

/** What change tracking looks at as a whole each time. Adding a source is a folder and a line here; files have a scan. */
export const collectors: readonly Collector[] = [softwareCollector(softwareMachine('/')), servicesCollector(runCommand)]

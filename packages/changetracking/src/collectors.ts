import type { Collector } from './collector.ts'
import { openServicesMachine } from './host/services-machine.ts'
import { servicesCollector } from './services/collector.ts'
import { softwareCollector } from './software/collector.ts'
import { softwareMachine } from './software/machine.ts'

/** What change tracking looks at as a whole each time. Adding a source is a folder and a line here; files have a scan. */
export function openCollectors(): readonly Collector[] {
  return [softwareCollector(softwareMachine('/')), servicesCollector(openServicesMachine('/'))]
}

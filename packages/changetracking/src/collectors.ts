import type { FileEntry } from '@tidemark/model'

import type { Collector } from './collector.ts'
import { filesCollector } from './files/collector.ts'
import { openDisk } from './host/disk.ts'
import { runCommand } from './host/run.ts'
import { servicesCollector } from './services/collector.ts'
import { softwareCollector } from './software/collector.ts'

/** Everything that change tracking can look at on this machine. Adding a source is a folder and a line here. */
export function openCollectors(entries: () => readonly FileEntry[]): readonly Collector[] {
  return [filesCollector(openDisk(), entries), softwareCollector(runCommand), servicesCollector(runCommand)]
}

import { fileEntries, type Tracking } from '../config/tracking.ts'
import type { EntryCounts } from './scan/counts.ts'

/** What one entry of a rule covers and costs, as the last whole scan saw it. */
export interface EntryCost extends Readonly<EntryCounts> {
  /** The rule's name and the entry's. */
  readonly rule: string
  readonly entry: string
}

/** The counts of a scan with the names of what they belong to. */
export function entryCosts(tracking: Tracking, counts: readonly EntryCounts[]): EntryCost[] {
  return fileEntries(tracking).map(({ rule, entry }, index) => ({
    ...(counts[index] ?? { files: 0, folders: 0, bytes: 0, readFiles: 0, readBytes: 0 }),
    rule: rule.name,
    entry: entry.name,
  }))
}

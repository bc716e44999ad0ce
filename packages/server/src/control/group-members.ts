import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'

import type { RuleTargets } from './rule-targets.ts'

/** How often it is asked who is in a group that a rule is for, in milliseconds. */
export const GROUPS_REFRESHED_MS = 60_000

/** ARM ids of the machines in a group; none for a group that is gone; undefined where that cannot be told now. */
export type GroupMembers = (group: string) => Promise<readonly string[] | undefined>

/** Asks who is in the groups that rules are for, one after the other, and keeps what was told. */
export async function refreshGroups(targets: RuleTargets, members: GroupMembers): Promise<void> {
  for (const group of await targets.groups()) {
    const resourceIds = await members(group)
    if (resourceIds !== undefined) await targets.keepMembers(group, resourceIds)
  }
}

/** Does so again and again until the signal. */
export async function keepGroupsFresh(
  refresh: () => Promise<void>,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await refresh().catch((error: unknown) => log.warn({ error }, 'machine groups of rules stay as they were'))
    await clock.sleep(GROUPS_REFRESHED_MS, signal).catch(() => undefined)
  }
}

import type { Right } from './rights.ts'

/** Who asks, and what they may. */
export interface Caller {
  /** `admin`, `reader`, or the id of an API token. */
  readonly holder: string
  readonly rights: readonly Right[]
  /** Ids of the workspaces that they may see; absent: every one. */
  readonly workspaces?: readonly string[]
}

/** Whether a caller may see a workspace. */
export function maySee(caller: Caller, workspaceId: string): boolean {
  return caller.workspaces === undefined || caller.workspaces.includes(workspaceId)
}

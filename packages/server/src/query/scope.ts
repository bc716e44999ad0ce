import type { Caller } from '../access/caller.ts'
import { maySee } from '../access/caller.ts'
import type { Workspaces } from '../access/workspaces.ts'
import { failed } from './run.ts'

export interface ScopeDeps {
  readonly workspaces: Pick<Workspaces, 'finder' | 'list' | 'ownId'>
  /** ARM ids of machines, as rows have them. */
  readonly machineIds: () => Promise<readonly string[]>
}

/** Which rows a question is about. */
export interface QueryScope {
  readonly workspaceIds: readonly string[]
  readonly resourceIds?: readonly string[]
}

/** Why a question is about nothing that its asker may see. */
export type NoScope = ReturnType<typeof failed>

/** One workspace and the additional ones of the request, each of which the caller must be allowed to see. */
export async function workspaceScope(
  { workspaces }: ScopeDeps,
  caller: Caller,
  names: readonly string[],
): Promise<QueryScope | NoScope> {
  const find = await workspaces.finder()
  const ids: string[] = []
  for (const name of names) {
    const id = find(name)
    // The same answer for one that is not there and one that is not theirs: nobody learns which there are.
    if (id === undefined || !maySee(caller, id))
      return failed(404, { code: 'WorkspaceNotFoundError', message: `there is no workspace ${name}` })
    ids.push(id)
  }
  return { workspaceIds: [...new Set(ids)] }
}

/** A resource by its ARM id: a workspace, a machine, or all machines of a resource group or subscription. */
export async function resourceScope(
  deps: ScopeDeps,
  caller: Caller,
  resourceId: string,
): Promise<QueryScope | NoScope> {
  if (/\/microsoft\.operationalinsights\/workspaces\/[^/]+$/i.test(resourceId))
    return await workspaceScope(deps, caller, [resourceId])
  const key = resourceId.toLowerCase()
  const ids = await deps.machineIds()
  const resourceIds = ids.filter((id) => id.toLowerCase() === key || id.toLowerCase().startsWith(`${key}/`))
  if (resourceIds.length === 0)
    return failed(404, { code: 'ResourceNotFound', message: `nothing that reports here is, or is in, ${resourceId}` })
  const seen = (await deps.workspaces.list()).map(({ id }) => id)
  return { workspaceIds: seen.filter((id) => maySee(caller, id)), resourceIds }
}

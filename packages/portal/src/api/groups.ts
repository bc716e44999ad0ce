import type { GroupCheckView, GroupMachinesView, MachineGroupView } from '@tidemark/model'

import { askServer } from './client.ts'

/** What is said of a group when it is saved. */
export interface GroupWish {
  readonly name: string
  readonly description: string
  readonly query: string
}

const place = (id: string): string => `/api/groups/${encodeURIComponent(id)}`

/** Every machine group, by name. */
export async function machineGroups(signal?: AbortSignal): Promise<readonly MachineGroupView[]> {
  const sending = signal ? { signal } : {}
  return (await askServer<{ groups: readonly MachineGroupView[] }>('GET', '/api/groups', sending)).groups
}

/** Who is in a group now; `top` names at most. */
export async function groupMachines(id: string, top: number, signal: AbortSignal): Promise<GroupMachinesView> {
  return await askServer<GroupMachinesView>('GET', `${place(id)}/machines?top=${top}`, { signal })
}

/** Whether a query makes a group, and whose it would be. */
export async function checkGroup(query: string, signal: AbortSignal): Promise<GroupCheckView> {
  return await askServer<GroupCheckView>('POST', '/api/groups/validate', { body: { query }, signal })
}

/** Makes a group, or replaces the one of an id. Throws `RequestFailed` 409 for a name that is taken. */
export async function saveGroup(id: string | undefined, wish: GroupWish): Promise<MachineGroupView> {
  if (id === undefined) return await askServer<MachineGroupView>('POST', '/api/groups', { body: wish })
  return await askServer<MachineGroupView>('PUT', place(id), { body: wish })
}

/** Makes a copy under a name of its own. */
export async function cloneGroup(id: string): Promise<MachineGroupView> {
  return await askServer<MachineGroupView>('POST', `${place(id)}/clone`, { body: {} })
}

export async function deleteGroup(id: string): Promise<void> {
  await askServer('DELETE', place(id))
}

import { z } from 'zod'

import type { QueryProblem } from './api.ts'

/** Characters of a group's query; what narrows a page holds it several times. */
export const GROUP_QUERY_CHARS_MAX = 8_000

/** `POST /api/groups`, and `PUT /api/groups/{id}`, which replaces it. */
export const machineGroupRequest = z.strictObject({
  /** For people; no other group has it, whatever its case. */
  name: z.string().trim().min(1).max(100),
  /** KQL whose answer has a column `Computer`: its values are the machines. */
  query: z.string().trim().min(1).max(GROUP_QUERY_CHARS_MAX),
  description: z.string().trim().max(500).default(''),
})

/** `POST /api/groups/{id}/clone`: without a name it is that of the group with `(copy)` behind it. */
export const cloneGroupRequest = z.strictObject({ name: z.string().trim().min(1).max(100).optional() })

/** `POST /api/groups/validate`: whether a query makes a group, and whose it would be. */
export const validateGroupRequest = z.strictObject({ query: z.string().max(GROUP_QUERY_CHARS_MAX) })

/** A saved query that says which machines are meant: an element of `GET /api/groups`, `{ groups: MachineGroupView[] }`, by name. */
export interface MachineGroupView {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly query: string
  readonly etag: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** A machine of a group. */
export interface GroupMachine {
  readonly computer: string
  /** Of the machine of that name that is known here; null where none is, and where two are. */
  readonly resourceId: string | null
}

/** `GET /api/groups/{id}/machines?top=`: who is in it now. */
export interface GroupMachinesView {
  readonly count: number
  /** By name, at most `top`; 1,000 where nothing is said, 100,000 at most. */
  readonly machines: readonly GroupMachine[]
}

/** The answer to `POST /api/groups/validate`; 200 also where the query has mistakes. */
export interface GroupCheckView extends GroupMachinesView {
  readonly isValid: boolean
  /** Empty where it is valid. */
  readonly message: string
  readonly problems: readonly QueryProblem[]
}

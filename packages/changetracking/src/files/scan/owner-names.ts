import { createHash } from 'node:crypto'

import { type Owners, parseNames } from '../owners.ts'

/** Names for the numbers of users and groups, as they are at the moment. */
export interface OwnerNames extends Owners {
  /** Tells whether any name has changed since. */
  readonly hash: string
}

/** Reads them from the texts of /etc/passwd and /etc/group. */
export function ownerNames(passwd: string, group: string): OwnerNames {
  const users = parseNames(passwd)
  const groups = parseNames(group)
  const hash = createHash('sha256')
    .update(JSON.stringify([[...users], [...groups]]))
    .digest('hex')
    .slice(0, 16)
  return { users, groups, hash }
}

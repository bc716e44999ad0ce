import type { Parsed } from '@tidemark/base'
import { z } from 'zod'

/** Where rows are kept: chDB in the state folder, or a ClickHouse cluster. */
export const rowStorePlace = z.union([
  z.literal('disk'),
  z.object({
    /** HTTP addresses of ClickHouse servers, the first one preferred. */
    servers: z
      .array(z.url({ protocol: /^https?$/ }))
      .min(1)
      .max(64),
    username: z.string().min(1).default('default'),
    password: z.string().default(''),
    /** Its name in ClickHouse's `remote_servers`. */
    cluster: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .default('tidemark'),
    /** Replicas of a shard that must have rows before they count as stored: a number, or most of them. */
    quorum: z.union([z.literal('auto'), z.number().int().min(1).max(64)]).default('auto'),
  }),
])
export type RowStorePlace = z.infer<typeof rowStorePlace>
export type ClusterPlace = Exclude<RowStorePlace, 'disk'>

/**
 * Reads `--store`: `disk`, or `http://ch-1:8123,http://ch-2:8123?cluster=tidemark&quorum=auto&username=tidemark`. The password is
 * in no address.
 */
export function parseRowStorePlace(
  text: string,
  secrets: { readonly password?: string | undefined },
): Parsed<RowStorePlace> {
  if (text === 'disk') return { kind: 'parsed', value: 'disk' }
  const [addresses = '', query = ''] = text.split('?')
  const asked = new URLSearchParams(query)
  const unknown = [...asked.keys()].find((name) => !['cluster', 'quorum', 'username'].includes(name))
  if (unknown !== undefined)
    return rejected(`"${unknown}" is no part of an address of a cluster; known: cluster, quorum, username`)
  const quorum = asked.get('quorum')
  const read = rowStorePlace.safeParse({
    servers: addresses.split(','),
    cluster: asked.get('cluster') ?? undefined,
    username: asked.get('username') ?? undefined,
    quorum: quorum === null || quorum === 'auto' ? undefined : Number(quorum),
    password: secrets.password,
  })
  if (read.success) return { kind: 'parsed', value: read.data }
  return rejected(`"${text}" is no place for rows: write disk, or http://SERVER:8123,http://SERVER:8123?cluster=NAME`)
}

function rejected(message: string): Parsed<never> {
  return { kind: 'rejected', problems: [{ where: '--store', message }] }
}

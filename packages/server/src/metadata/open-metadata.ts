import { join } from 'node:path'

import { type Metadata } from './metadata.ts'
import { PostgresMetadata, type PostgresOptions } from './postgres-metadata.ts'
import { SqliteMetadata } from './sqlite-metadata.ts'

/** Opens the metadata: `disk` is a file in the state folder, anything else the address of a PostgreSQL database. */
export async function openMetadata(place: string, stateFolder: string, options: PostgresOptions): Promise<Metadata> {
  return place === 'disk'
    ? new SqliteMetadata(join(stateFolder, 'metadata.db'))
    : await PostgresMetadata.open(place, options)
}

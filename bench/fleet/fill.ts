import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { Session } from 'chdb'

import {
  changeRows,
  type Fleet,
  type FleetRows,
  heartbeatRows,
  inventoryRows,
  operationRows,
  visibilityRows,
} from './rows.ts'
import { computer, resourceId, sourceComputerId } from './words.ts'

/** Rows that are made by one statement. */
const STEP_ROWS = 2_000_000

/** The SQL that makes the rows with numbers from `from` up to `to`. */
export function insertSql(rows: FleetRows, { from, to }: { readonly from: number; readonly to: number }): string {
  const given = Object.entries(rows.given).map(([name, expression]) => `${expression} AS ${name}`)
  const columns = Object.entries(rows.columns)
  return [
    `INSERT INTO tidemark.\`${rows.table}\` (${columns.map(([name]) => `\`${name}\``).join(', ')})`,
    `WITH ${given.join(', ')}`,
    `SELECT ${columns.map(([, expression]) => expression).join(', ')}`,
    `FROM numbers(${from}, ${to - from})`,
    rows.where === undefined ? '' : `WHERE ${rows.where}`,
    'SETTINGS max_insert_threads = 1, max_partitions_per_insert_block = 0, min_insert_block_size_bytes = 1000000000',
  ].join(' ')
}

/**
 * Fills a server's state folder, which must be there and not in use. Tells how far it is. Rows of earlier runs stay, and
 * those of the same fleet would count twice.
 */
export function fillFleet(stateFolder: string, fleet: Fleet, tell: (text: string) => void): void {
  const session = new Session(join(stateFolder, 'clickhouse'))
  try {
    for (const make of [heartbeatRows, visibilityRows, operationRows, inventoryRows, changeRows]) {
      const rows = make(fleet)
      for (let from = 0; from < rows.count; from += STEP_ROWS) {
        const to = Math.min(rows.count, from + STEP_ROWS)
        session.query(insertSql(rows, { from, to }))
        tell(`${rows.table}: ${to.toLocaleString('en-GB')} of ${rows.count.toLocaleString('en-GB')}`)
      }
    }
    registerMachines(join(stateFolder, 'metadata.db'), session, fleet)
  } finally {
    session.close()
  }
}

/** The machines of the fleet as the server knows machines; nobody has their tokens. */
function registerMachines(metadata: string, session: Session, { size, nowMs }: Fleet): void {
  const text = session.query(
    `SELECT ${computer('number')}, ${sourceComputerId('number')}, ${resourceId('number')} FROM numbers(${size.machines})`,
    'JSONCompactEachRow',
  )
  const database = new DatabaseSync(metadata)
  const add = database.prepare('INSERT OR REPLACE INTO machine VALUES (?, ?, ?, ?, ?, ?)')
  database.exec('BEGIN')
  for (const line of text.split('\n').filter(Boolean)) {
    const [name = '', id = '', resource = '']: string[] = JSON.parse(line)
    add.run(resource.toLowerCase(), resource, name, id, `no token: ${id}`, nowMs)
  }
  database.exec('COMMIT')
  database.close()
}

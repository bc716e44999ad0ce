import { DATABASE, schemaStatements } from './schema.ts'

/** The database of each server's own part of the tables; `DATABASE` has what goes over all of them. */
export const LOCAL_DATABASE = `${DATABASE}_local`

/**
 * The statements of one node as those of a cluster, each `ON CLUSTER`: tables become Replicated ones in `LOCAL_DATABASE`, where
 * materialised views fill each other, with a Distributed table over each under its known name. Rows of one sender stay on one
 * shard (`_Sender`), so that a batch's month is stored whole there or not at all.
 */
export function clusterStatements(cluster: string, statements: readonly string[] = schemaStatements()): string[] {
  const on = `ON CLUSTER \`${cluster}\``
  return [
    `CREATE DATABASE IF NOT EXISTS ${LOCAL_DATABASE} ${on}`,
    ...statements.flatMap((statement) => clustered(statement, { cluster, on })),
  ]
}

const CREATE_DATABASE = /^CREATE DATABASE IF NOT EXISTS \S+$/
const CREATE_TABLE = /^CREATE TABLE IF NOT EXISTS \w+\.`?(?<name>\w+)`? (?<body>.*?)(?<engine>ENGINE = .*)$/s
const CREATE_MATERIALIZED = /^CREATE MATERIALIZED VIEW IF NOT EXISTS (?<name>\S+) (?<rest>.*)$/s
const CREATE_VIEW = /^CREATE OR REPLACE VIEW (?<name>\S+) (?<rest>.*)$/s
const ALTER_TABLE = /^ALTER TABLE \w+\.`?(?<name>\w+)`? (?<rest>.*)$/s

function clustered(statement: string, { cluster, on }: { readonly cluster: string; readonly on: string }): string[] {
  if (CREATE_DATABASE.test(statement)) return [`${statement} ${on}`]
  const table = CREATE_TABLE.exec(statement)?.groups
  if (table !== undefined) {
    const { name = '', body = '', engine = '' } = table
    const key = body.includes('`_Sender`') ? ', cityHash64(_Sender)' : ''
    return [
      `CREATE TABLE IF NOT EXISTS ${LOCAL_DATABASE}.\`${name}\` ${on} ${body}${replicated(engine, name)}`,
      `CREATE TABLE IF NOT EXISTS ${DATABASE}.\`${name}\` ${on} AS ${LOCAL_DATABASE}.\`${name}\` ENGINE = Distributed(\`${cluster}\`, ${LOCAL_DATABASE}, \`${name}\`${key})`,
    ]
  }
  const alter = ALTER_TABLE.exec(statement)?.groups
  if (alter !== undefined) {
    const { name = '', rest = '' } = alter
    const local = `ALTER TABLE ${LOCAL_DATABASE}.\`${name}\` ${on} ${rest}`
    // Only columns are the same in a Distributed table: it has no parts that an index, a TTL or a setting could be about.
    return rest.startsWith('ADD COLUMN')
      ? [local, `ALTER TABLE ${DATABASE}.\`${name}\` ${on} ${withoutCodecs(rest)}`]
      : [local]
  }
  const filled = CREATE_MATERIALIZED.exec(statement)?.groups
  if (filled !== undefined) {
    const local = (text = ''): string => text.replaceAll(new RegExp(`\\b${DATABASE}\\.`, 'g'), `${LOCAL_DATABASE}.`)
    return [`CREATE MATERIALIZED VIEW IF NOT EXISTS ${local(filled['name'])} ${on} ${local(filled['rest'])}`]
  }
  const view = CREATE_VIEW.exec(statement)?.groups
  if (view !== undefined) return [`CREATE OR REPLACE VIEW ${view['name']} ${on} ${view['rest']}`]
  throw new Error(`no cluster knows what to do with: ${statement.slice(0, 100)}`)
}

// Of one node only: its own window of tokens, and syncs to disk, which the quorum stands for.
const OWN_SETTINGS = /^(non_replicated_deduplication_window|fsync_\w+|min_\w+_to_fsync_after_\w+) = /

function replicated(engine: string, name: string): string {
  const [before = '', settings = ''] = engine.split(/ SETTINGS /)
  const kept = settings.split(', ').filter((one) => one !== '' && !OWN_SETTINGS.test(one))
  const path = `'/clickhouse/tables/{shard}/${LOCAL_DATABASE}/${name}', '{replica}'`
  const named = before.replace(
    /^ENGINE = (\w*MergeTree)(?:\(([^)]*)\))?/,
    (_all, kind: string, more: string | undefined) => {
      return `ENGINE = Replicated${kind}(${[path, ...(more ? [more] : [])].join(', ')})`
    },
  )
  return kept.length === 0 ? named : `${named} SETTINGS ${kept.join(', ')}`
}

function withoutCodecs(text: string): string {
  return text.replaceAll(/ CODEC\((?:[^()]|\([^()]*\))*\)/g, '')
}

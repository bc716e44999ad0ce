import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

/**
 * Speaks with a ClickHouse of 2018 (Debian's, 18.16) as with one of today, as far as the plumbing of a cluster needs it: a
 * reduced DDL (no codecs, indexes, DateTime64), parameters written into the text, settings of later versions left out.
 */
export function speakOldClickhouse(oldUrl: string): Server {
  return createServer((request, reply) => {
    translated(oldUrl, request, reply).catch(() => reply.destroy())
  })
}

const KNOWN_SETTINGS: ReadonlySet<string> = new Set(
  'insert_distributed_sync insert_quorum insert_quorum_timeout insert_deduplicate select_sequential_consistency max_execution_time distributed_ddl_task_timeout date_time_input_format'.split(
    ' ',
  ),
)

async function translated(oldUrl: string, request: IncomingMessage, reply: ServerResponse): Promise<void> {
  const asked = new URL(request.url ?? '/', 'http://old')
  const body = (await buffer(request)).toString('utf8')
  const given = asked.searchParams.get('query')
  const sql = oldSql(given ?? body, asked.searchParams)
  const settings = new URLSearchParams()
  for (const [name, value] of asked.searchParams) if (KNOWN_SETTINGS.has(name)) settings.set(name, value)
  if (sql === undefined) return void reply.writeHead(200).end()
  const isInsert = given !== null && body !== ''
  if (isInsert) settings.set('query', sql.replace(/JSONCompactEachRow/, 'JSONEachRow'))
  const answer = await fetch(`${oldUrl}/?${settings.toString()}`, {
    method: 'POST',
    body: isInsert ? oldRows(sql, body) : sql,
  })
  const text = await answer.text()
  const code = /^Code: (\d+)/.exec(text)?.[1]
  const isTable = answer.ok && sql.endsWith('FORMAT JSONCompact')
  reply.writeHead(answer.status, code === undefined ? {} : { 'x-clickhouse-exception-code': code })
  reply.end(isTable ? newRows(text) : text.replace(/^Code: (\d+), e\.displayText\(\) = /, 'Code: $1. '))
}

/** `undefined` for what the old one does not need. */
function oldSql(sql: string, parameters: URLSearchParams): string | undefined {
  if (/^\s*ALTER TABLE/.test(sql)) return undefined
  return sql
    .replaceAll(/ CODEC\((?:[^()]|\([^()]*\))*\)/g, '')
    .replaceAll(/DateTime64\(7, 'UTC'\)/g, 'DateTime')
    .replaceAll(/\bBool\b/g, 'UInt8')
    .replaceAll(/\{(\w+):(\w+)\}/g, (_all, name: string, type: string) => {
      const value = parameters.get(`param_${name}`) ?? ''
      return type === 'String' ? `'${value.replaceAll("'", "\\'")}'` : String(Number(value))
    })
    .replace(
      /SELECT _Sender, _Batch, toYYYYMM\(TimeGenerated\)(.*)GROUP BY ALL/,
      'SELECT _Sender, _Batch, toYYYYMM(TimeGenerated)$1GROUP BY _Sender, _Batch, toYYYYMM(TimeGenerated)',
    )
    .replace(/FORMAT JSONCompactEachRow\s*$/, (all) => (sql.startsWith('INSERT') ? all : 'FORMAT JSONCompact'))
    .trimEnd()
}

/** Arrays of the values of columns as objects. */
function oldRows(sql: string, body: string): string {
  const columns = /\(([^)]*)\) FORMAT JSONCompactEachRow/
    .exec(sql)?.[1]
    ?.split(',')
    .map((name) => name.trim().replaceAll('`', ''))
  if (columns === undefined) return body
  return body
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const values: unknown[] = JSON.parse(line)
      return JSON.stringify(
        Object.fromEntries(columns.flatMap((name, index) => (values[index] === null ? [] : [[name, values[index]]]))),
      )
    })
    .join('\n')
}

function newRows(text: string): string {
  const { data }: { data: unknown[] } = JSON.parse(text)
  return data.map((row) => JSON.stringify(row)).join('\n')
}

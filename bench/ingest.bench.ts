import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'

import { systemClock } from '@tidemark/base'
import { openServer, serverSettings } from '@tidemark/server'
import { pino } from 'pino'

import type { Load, Sent } from './ingest/sender.ts'
import { isFull, isOnce, report } from './report.ts'

export const promise = 'Durable records per second through HTTP, with the sender beside the server'

const MACHINES = 20
const batchRows = 5_000
const batches = isOnce ? 4 : isFull ? 400 : 100
const smallBatches = isOnce ? 20 : isFull ? 4_000 : 1_000
const AT_A_TIME = 8

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-ingest-'))
try {
  const rates = { machine: { perSecondMax: 100_000, burstMax: 100_000 } }
  const settings = serverSettings.parse({ stateFolder: folder, port: 0, rates })
  const server = await openServer(settings, {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  })
  const admin = readFileSync(server.adminTokenFile, 'utf8').trim()
  const tokens = await Promise.all(
    Array.from({ length: MACHINES }, async (_, index) => await tokenOf(server.url, admin, index)),
  )
  const url = `${server.url}/ods/${server.workspaceId}/OperationalData.svc/PostJsonDataItems?api-version=2016-04-01`
  const large = await measured({ url, tokens, body: bodyOf(batchRows), count: batches, atATime: AT_A_TIME })
  const small = await measured({ url, tokens, body: bodyOf(1), count: smallBatches, atATime: AT_A_TIME * 8 })
  await server[Symbol.asyncDispose]()
  report(promise, [
    {
      what: `records, ${batchRows} to an upload (gzip), ${AT_A_TIME} uploads at a time`,
      value: large.rate * batchRows,
      unit: 'records/s',
    },
    {
      what: 'the same for each second of processor time, server, store and sender together',
      value: large.perCpu * batchRows,
      unit: 'records/s',
    },
    { what: `uploads of one record, ${AT_A_TIME * 8} at a time`, value: small.rate, unit: 'uploads/s' },
    { what: 'an upload of one record, median', value: small.medianMs, unit: 'ms' },
  ])
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Sends from a thread of its own, until each upload was answered 200. */
async function measured(load: Load): Promise<{ rate: number; perCpu: number; medianMs: number }> {
  const before = process.cpuUsage()
  const storeBefore = childrenMs()
  const worker = new Worker(new URL('ingest/sender.ts', import.meta.url), { workerData: load })
  const { seconds, tookMs } = await new Promise<Sent>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await worker.terminate()
  const { user, system } = process.cpuUsage(before)
  const cpuSeconds = (user + system) / 1e6 + (childrenMs() - storeBefore) / 1_000
  return {
    rate: load.count / seconds,
    perCpu: load.count / cpuSeconds,
    medianMs: tookMs.toSorted((one, other) => one - other)[tookMs.length >> 1] ?? 0,
  }
}

/** Processor time of this process's children (the store), in milliseconds: proc(5), fields 14 and 15, in hundredths. */
function childrenMs(): number {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return sum + (Number(fields[11]) + Number(fields[12])) * 10
  }, 0)
}

async function tokenOf(server: string, admin: string, index: number): Promise<string> {
  const ask = async (url: string, bearer: string, body?: object): Promise<string> => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
    const answer = await fetch(url, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers })
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
    return await answer.text()
  }
  const wish = { computer: `bench-${index}`, sourceComputerId: randomUUID() }
  const known: { resourceId: string; token: string } = JSON.parse(await ask(`${server}/api/machines`, admin, wish))
  const chunks = await ask(`${server}${known.resourceId}/agentConfigurations?api-version=2022-06-02`, known.token)
  const uri = /"tokenEndpointUri":"([^"]+)"/.exec(chunks)?.[1] ?? ''
  const issued: { ingestionAuthToken: string } = JSON.parse(await ask(uri, known.token))
  return issued.ingestionAuthToken
}

function bodyOf(rows: number): Uint8Array {
  const items = Array.from({ length: rows }, (_, index) => ({
    TimeGenerated: new Date(1_767_225_600_000 + index * 10).toISOString(),
    Computer: 'bench',
    SourceComputerId: '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab',
    ConfigChangeType: 'Files',
    ChangeCategory: 'Modified',
    FileSystemPath: `/etc/service-${index % 1_000}/part-${index}.conf`,
    Name: `part-${index}.conf`,
    FieldsChanged: 'FileContentChecksum, Size, DateModified',
    FileContentChecksum: `${index}`.padStart(64, '0'),
    PreviousFileContentChecksum: `${index + 1}`.padStart(64, '0'),
    Size: index,
    FileMode: '0644',
    FileOwner: 'root',
    FileGroup: 'root',
    BaselineEpoch: '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab',
    Sequence: index,
    RecordId: `bench-${index}`,
    DetectedBy: 'watch',
  }))
  return gzipSync(
    JSON.stringify({ DataType: 'CONFIG_CHANGE_BLOB_V2', IPName: 'ChangeTracking', type: 'JsonData', DataItems: items }),
  )
}

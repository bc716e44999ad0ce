import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { FluentServer } from '@fluent-org/logger'
import { openSockets, Sink, systemFiles } from '@tidemark/agent/testing'
import { systemClock } from '@tidemark/base'
import { encodeAck, encodeMessage, socketAddress } from '@tidemark/forward'
import { socketNames } from '@tidemark/model'
import { pino } from 'pino'

import { type Figure, isFull, isOnce, report } from './report.ts'

export const promise =
  'Records per second through the socket: on stable storage before each ack, against a server that stores nothing'

const stream = `dcr-${'a'.repeat(32)}:CTDataSource-Linux:CONFIG_CHANGE_BLOB_V2`
const CONNECTIONS = 4
const RECORDS = isOnce ? 2_000 : isFull ? 200_000 : 40_000
const log = pino({ level: 'silent' })
const folder = mkdtempSync(join(tmpdir(), 'tm-bench-agent-'))

/** What a change of a file looks like, without its rarer columns. */
function record(index: number) {
  return {
    time: { seconds: 1_767_225_600 + index, nanoseconds: 0 },
    record: {
      TimeGenerated: '2026-01-01T00:00:00.000Z',
      Computer: 'machine-1',
      ConfigChangeType: 'Files',
      ChangeCategory: 'Modified',
      FileSystemPath: `/etc/service-${index % 1_000}/part-${index}.conf`,
      FieldsChanged: 'FileContentChecksum, Size, DateModified',
      FileContentChecksum: String(index).padStart(64, '0'),
      Size: index,
      Sequence: index,
    },
  }
}

/** The messages of one connection, ready to be written; each asks for an ack of the same length. */
function messages(connection: number, { perMessage, count }: { perMessage: number; count: number }): Uint8Array[] {
  return Array.from({ length: count / perMessage / CONNECTIONS }, (_message, number) => {
    const chunk = `${connection}-${number}-${perMessage}`.padStart(24, '0')
    const entries = Array.from({ length: perMessage }, (_entry, index) => record(number * perMessage + index))
    return encodeMessage({ tag: stream, entries, chunk })
  })
}

const ackBytes = encodeAck('0'.repeat(24)).length

/** Writes all messages, at most `underWayMax` without their acks; resolves when all acks are there. */
async function send(path: string, bytes: readonly Uint8Array[], underWayMax: number): Promise<void> {
  const socket = connect(path)
  await new Promise<void>((resolve, reject) => {
    let [sent, receivedBytes] = [0, 0]
    const goOn = (): void => {
      const acks = Math.floor(receivedBytes / ackBytes)
      if (acks === bytes.length) return resolve()
      const until = Math.min(bytes.length, acks + underWayMax)
      if (until > sent) socket.write(Buffer.concat(bytes.slice(sent, until)))
      sent = Math.max(sent, until)
    }
    socket.on('connect', goOn)
    socket.on('data', (part: Buffer) => {
      receivedBytes += part.length
      goOn()
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the connection was closed')))
  })
  socket.destroy()
}

async function measure(path: string, { perMessage, count }: { perMessage: number; count: number }): Promise<number> {
  const all = Array.from({ length: CONNECTIONS }, (_, connection) => messages(connection, { perMessage, count }))
  const startedMs = performance.now()
  await Promise.all(all.map(async (bytes) => await send(path, bytes, Math.max(8, 400 / perMessage))))
  return (count * 1_000) / (performance.now() - startedMs)
}

async function ours(shape: { perMessage: number; count: number }): Promise<{ rate: number; syncs: number }> {
  const at = mkdtempSync(join(folder, 'o'))
  let syncs = 0
  const counted = {
    ...systemFiles,
    sync: async (descriptor: number) => {
      syncs += 1
      await systemFiles.sync(descriptor)
    },
    syncNow: (descriptor: number) => {
      syncs += 1
      systemFiles.syncNow(descriptor)
    },
    syncFolder: (path: string) => {
      syncs += 1
      systemFiles.syncFolder(path)
    },
  }
  const bytesMax = 4 * 1024 ** 3
  await using sink = new Sink(join(at, 'events'), () => true, { bytesMax, files: counted, clock: systemClock, log })
  sink.stream(stream)
  await using _sockets = await openSockets({
    directory: at,
    users: [],
    rules: () => [],
    stream: (tag) => (sink.has(tag) ? sink.stream(tag) : undefined),
    onStatus: () => undefined,
    questions: { next: async () => await Promise.resolve([]), answer: () => undefined },
    clock: systemClock,
    log,
  })
  syncs = 0
  const rate = await measure(socketAddress(socketNames.changeTrackingLinux, at), shape)
  return { rate, syncs: (syncs * 1_000) / shape.count }
}

async function theirs(shape: { perMessage: number; count: number }): Promise<number> {
  const path = join(mkdtempSync(join(folder, 't')), 's')
  const server = new FluentServer({ listenOptions: { path } })
  await server.listen()
  try {
    return await measure(path, shape)
  } finally {
    await server.close()
  }
}

const figures: Figure[] = []
try {
  for (const perMessage of [1, 10, 100]) {
    const shape = { perMessage, count: RECORDS }
    const { rate, syncs } = await ours(shape)
    const name = `${perMessage} ${perMessage === 1 ? 'record' : 'records'} a message, ${CONNECTIONS} connections`
    figures.push(
      { what: `${name}: Tidemark’s agent, each on stable storage before its ack`, value: rate, unit: 'records/s' },
      { what: `${name}: syncs for 1,000 records`, value: syncs, unit: 'syncs' },
      { what: `${name}: npm FluentServer, which stores nothing`, value: await theirs(shape), unit: 'records/s' },
    )
  }
  report(promise, figures)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

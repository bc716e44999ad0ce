import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

/** Uploads that a thread sends: the same rows under new ids, by one machine after the other. */
export interface Load {
  readonly url: string
  readonly tokens: readonly string[]
  /** gzip */
  readonly body: Uint8Array
  readonly count: number
  readonly atATime: number
}

/** How long all of them took, and each. */
export interface Sent {
  readonly seconds: number
  readonly tookMs: readonly number[]
}

const load: Load = workerData
const agent = new Agent({ keepAlive: true, maxSockets: load.atATime })
const tookMs: number[] = []
let next = 0

async function send(): Promise<void> {
  while (next < load.count) {
    const token = load.tokens[next % load.tokens.length] ?? ''
    next += 1
    const batchId = randomUUID()
    const startedMs = performance.now()
    // As an agent does: what cannot be taken now comes again under its id.
    for (let status = 0; status !== 200;) {
      status = await post(token, batchId)
      if (status !== 200 && status !== 429 && status !== 503) throw new Error(`status ${status}`)
    }
    tookMs.push(performance.now() - startedMs)
  }
}

function post(token: string, batchId: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': load.body.length,
      'x-request-id': batchId,
    }
    const sent = request(load.url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end(load.body)
  })
}

const startedMs = performance.now()
await Promise.all(Array.from({ length: load.atATime }, async () => await send()))
const sent: Sent = { seconds: (performance.now() - startedMs) / 1_000, tookMs }
tell(sent)
agent.destroy()

function tell(message: Sent): void {
  const port = parentPort
  port?.postMessage(message)
}

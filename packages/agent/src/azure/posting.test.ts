// Goal: whatever the service answers, each row of a batch is taken once or refused and named, in order, and what was taken is not
// sent again. Method: a service that keeps rows by the id of the call and answers as told. Mutants tried: progress forgotten after
// a failure (rows twice), the id without the count (halves lost), a 413 of one row tried for ever (never ends).
import { ManualClock } from '@tidemark/base/testing'
import type { Row } from '@tidemark/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { CALL_BYTES_MAX, type IngestionCall, rowsByStream, rowsOfCall } from './calls.ts'
import { IngestionPosting } from './posting.ts'

const channel = {
  id: 'logs-a',
  protocol: 'logs-ingestion' as const,
  endpoint: 'https://a',
  immutableId: `dcr-${'0'.repeat(32)}`,
  streams: { CONFIG_CHANGE_BLOB_V2: 'Custom-Changes', TidemarkVisibility: 'Custom-Gaps' },
}
const upload = (rows: readonly Row[], batchId = 'b') => ({
  channel,
  batchId,
  dataType: 'CONFIG_CHANGE_BLOB_V2',
  solution: 'ChangeTracking',
  rows,
})
const rowsTo = (count: number): Row[] => Array.from({ length: count }, (_, value) => ({ value }))
const never = new AbortController().signal

type Fate = 'taken' | 'taken, answer lost' | 'cut' | 400 | 401 | 403 | 404 | 429 | 503

class Service {
  /** Rows of more than so many in one call are too many for it. */
  rowsMax = Number.MAX_SAFE_INTEGER
  /** A row that it takes in no size. */
  tooLarge: number | undefined
  fates: Fate[] = []
  readonly calls: { stream: string; values: unknown[]; requestId: string }[] = []
  readonly #taken = new Map<string, unknown[]>()

  readonly call: IngestionCall = async ({ stream, rows, requestId }) => {
    await Promise.resolve()
    const values = rows.map(({ value }) => value)
    this.calls.push({ stream, values, requestId })
    if (values.length > this.rowsMax || values.includes(this.tooLarge)) return answer(413)
    const fate = this.fates.shift() ?? 'taken'
    if (fate === 'cut') throw new Error('ECONNRESET')
    if (typeof fate === 'number') return answer(fate)
    const before = this.#taken.get(requestId)
    if (before !== undefined && String(before) !== String(values)) throw new Error(`${requestId} has other rows`)
    this.#taken.set(requestId, values)
    if (fate === 'taken, answer lost') throw new Error('ECONNRESET')
    return answer(204)
  }

  get values(): unknown[] {
    return [...this.#taken.values()].flat()
  }
}

const answer = (status: number) => ({ status, headers: { 'retry-after': '7' }, text: 'why', bytesSent: 10 })
const open = (service: Service) => new IngestionPosting({ call: service.call, clock: new ManualClock() })

test('rows go to the streams that the channel names, in their order; the others go nowhere', () => {
  const rows = [{ value: 1 }, { Type: 'TidemarkVisibility', value: 2 }, { Type: 'TidemarkContent' }, { value: 3 }]
  expect(rowsByStream(channel, upload(rows))).toEqual([
    { stream: 'Custom-Changes', rows: [{ value: 1 }, { value: 3 }] },
    { stream: 'Custom-Gaps', rows: [{ Type: 'TidemarkVisibility', value: 2 }] },
  ])
  expect(rowsByStream(channel, { ...upload(rows), dataType: 'CONFIG_DATA_BLOB_V2' })).toHaveLength(1)
})

test('a call has what fits it, and at least one row', () => {
  const large = { text: 'ü'.repeat(CALL_BYTES_MAX / 4) }
  expect(rowsOfCall([large, large], 0, 10)).toHaveLength(1)
  expect(rowsOfCall([{ text: 'x'.repeat(2 * CALL_BYTES_MAX) }, large], 0, 10)).toHaveLength(1)
  expect(rowsOfCall(rowsTo(50), 10, 5)).toEqual(rowsTo(50).slice(10, 15))
})

test.each([
  { fates: [], outcome: { kind: 'accepted', bytesSent: 10 } },
  { fates: [400], outcome: { kind: 'refused', refusedRows: rowsTo(3), reason: 'status 400: why' } },
  { fates: [429], outcome: { kind: 'unavailable', retryAfterMs: 7_000 } },
  { fates: [503], outcome: { kind: 'unavailable', retryAfterMs: 7_000 } },
  { fates: [403], outcome: { kind: 'unavailable', reason: expect.stringContaining('Metrics Publisher') } },
  { fates: [404], outcome: { kind: 'unavailable', reason: expect.stringContaining('immutable id') } },
  { fates: ['cut'], outcome: { kind: 'unavailable', reason: 'ECONNRESET', bytesSent: 0 } },
] as { fates: Fate[]; outcome: object }[])('$fates means $outcome.kind', async ({ fates, outcome }) => {
  const service = new Service()
  service.fates = fates
  expect(await open(service).post(upload(rowsTo(3)), never)).toMatchObject(outcome)
})

test('what is too large comes in halves, and one row that is too large is refused alone', async () => {
  const service = new Service()
  service.rowsMax = 3
  service.tooLarge = 5
  const posted = await open(service).post(upload(rowsTo(10)), never)
  expect(posted).toMatchObject({ kind: 'refused', refusedRows: [{ value: 5 }] })
  expect(service.values).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9])
})

test('a batch that was refused and could not be set aside is not sent again', async () => {
  const service = new Service()
  service.fates = [400]
  const posting = open(service)
  await posting.post(upload(rowsTo(2)), never)
  expect(await posting.post(upload(rowsTo(2)), never)).toMatchObject({ kind: 'refused', bytesSent: 0 })
  expect(service.calls).toHaveLength(1)
})

test('stopped, it rejects', async () => {
  const stop = new AbortController()
  stop.abort(new Error('stopped'))
  const service = new Service()
  service.fates = ['cut']
  await expect(open(service).post(upload(rowsTo(1)), stop.signal)).rejects.toThrow('stopped')
})

const fate = fc.constantFrom<Fate>('taken', 'taken, answer lost', 'cut', 400, 401, 403, 429, 503)

test('each row is taken once, or refused and named, over failures and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { maxLength: 20 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(20),
      async (fates, count, rowsMax, restartAfter) => {
        const service = new Service()
        Object.assign(service, { fates: [...fates], rowsMax })
        let posting = open(service)
        const refused: unknown[] = []
        for (let tries = 0; ; tries += 1) {
          if (tries === restartAfter) posting = open(service)
          const posted = await posting.post(upload(rowsTo(count)), never)
          if (posted.kind === 'unavailable') continue
          if (posted.kind === 'refused') refused.push(...(posted.refusedRows ?? []).map(({ value }) => value))
          break
        }
        // A call that was refused after a restart may have been taken before it: that is what at least once means.
        const all = new Set([...service.values, ...refused])
        expect([...all].toSorted((one, other) => Number(one) - Number(other))).toEqual(
          rowsTo(count).map(({ value }) => value),
        )
        expect(new Set(service.values).size).toBe(service.values.length)
      },
    ),
    { numRuns: 300 },
  )
})

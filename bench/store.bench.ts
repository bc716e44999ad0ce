import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { ChdbStore } from '@tidemark/server/testing'
import { pino } from 'pino'

import { isOnce, report } from './report.ts'

export const promise = 'Records per second into the store, each batch synced to disk before it counts'

const batchRows = 10_000
const batches = isOnce ? 2 : 30
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-store-'))
try {
  const store = await ChdbStore.open(join(folder, 'clickhouse'), { clock: systemClock, log: pino({ level: 'silent' }) })
  const lines = Array.from({ length: batches }, (_, batch) =>
    Array.from({ length: batchRows }, (_row, index) => JSON.stringify(row(batch, index))).join('\n'),
  )
  const startedMs = performance.now()
  for (const [batch, text] of lines.entries())
    await store.insert({ table: 'ConfigurationChange', token: `bench-${batch}`, lines: text })
  const seconds = (performance.now() - startedMs) / 1_000
  await store[Symbol.asyncDispose]()
  report(promise, [
    {
      what: `rows of ConfigurationChange, batches of ${batchRows}, one after the other`,
      value: (batches * batchRows) / seconds,
      unit: 'records/s',
    },
    { what: 'one batch', value: (seconds / batches) * 1_000, unit: 'ms' },
  ])
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function row(batch: number, index: number): Record<string, string | number> {
  return {
    TimeGenerated: new Date(1_767_225_600_000 + (batch * batchRows + index) * 10).toISOString(),
    TenantId: 'bench',
    Computer: `machine-${index % 100}`,
    ConfigChangeType: 'Files',
    ChangeCategory: 'Modified',
    FileSystemPath: `/etc/service-${index % 1_000}/part-${index}.conf`,
    FieldsChanged: 'FileContentChecksum, Size, DateModified',
    FileContentChecksum: `${batch}-${index}`.padStart(64, '0'),
    Size: index,
    FileMode: '0644',
    FileOwner: 'root',
    Sequence: batch * batchRows + index,
    RecordId: `${batch}-${index}`,
    _TimeReceived: '2026-01-01T00:00:00.0000000Z',
  }
}

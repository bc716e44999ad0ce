// Goal: with a full disk nothing that was confirmed is lost, whoever asks is told to come again, and with room it goes on by itself.
// Method: the real chDB on a small file system of its own (tmpfs), which a file fills up; the committer sends what failed again.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { Committer } from '../ingest/committer.ts'
import { StoreUnavailable } from '../ports.ts'
import { batchLines } from '../testing/batch-lines.ts'
import { ChdbStore } from './chdb.ts'
import { DATABASE } from './layout.ts'

const DISK_BYTES = 96 * 1024 * 1024
const log = pino({ level: 'silent' })

function mounted(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-full-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}

const disk = mounted()

test.skipIf(disk === undefined)(
  'a full disk is waited for (needs the right to mount a tmpfs)',
  async () => {
    const folder = disk ?? ''
    try {
      const store = await ChdbStore.open(join(folder, 'clickhouse'), { clock: systemClock, log })
      const committer = await Committer.open(store, log)
      let batches = 0
      const commit = async (): Promise<void> => {
        const cells = { TenantId: 'w', Computer: 'm', TimeGenerated: '2026-01-01T00:00:00Z', Name: 'x'.repeat(2_000) }
        const rows = Array.from({ length: 20 }, () => ({ cells, month: 202601 }))
        await committer.commit({
          table: 'ConfigurationChange',
          owner: 'o',
          batchId: `b-${batches}`,
          ...batchLines(rows),
        })
        batches += 1
      }
      await commit()
      const { bavail, bsize } = statfsSync(folder)
      mkdirSync(join(folder, 'others'))
      const filler = join(folder, 'others', 'file')
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 200_000)))
      const failure = await (async () => {
        for (;;) {
          const failed = await commit().then(
            () => undefined,
            (error: unknown) => error,
          )
          if (failed !== undefined) return failed
        }
      })()
      expect(failure).toBeInstanceOf(StoreUnavailable)
      expect(failure).toMatchObject({ retryAfterSeconds: 30 })
      rmSync(filler)
      // The same batch comes again, as agents do it.
      while (
        await commit().then(
          () => false,
          () => true,
        )
      )
        await systemClock.sleep(50)
      const count = async (of: ChdbStore, sql: string): Promise<unknown> =>
        (await of.select({ sql, parameters: {}, timeMsMax: 30_000 }))[0]?.[0]
      expect(await count(store, `SELECT count() FROM ${DATABASE}.ConfigurationChange`)).toBe(batches * 20)
      await store[Symbol.asyncDispose]()
      await using again = await ChdbStore.open(join(folder, 'clickhouse'), { clock: systemClock, log })
      expect(await count(again, `SELECT count() FROM ${DATABASE}.ConfigurationChange`)).toBe(batches * 20)
      expect(await count(again, `SELECT sum(Count) FROM ${DATABASE}.TidemarkChangeHour`)).toBe(batches * 20)
    } finally {
      execFileSync('umount', ['-l', folder])
      rmSync(folder, { recursive: true, force: true })
    }
  },
  120_000,
)

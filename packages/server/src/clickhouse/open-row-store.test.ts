import { systemClock } from '@tidemark/base'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { serverSettings } from '../settings.ts'
import { openRowStore } from './open-row-store.ts'

test('days that are said for a cluster keep the server from starting, and say where they are set', async () => {
  const own = { stateFolder: '/none', storeMemoryBytesMax: 1_000_000_000 }
  const store = serverSettings.shape.store.parse({ servers: ['http://127.0.0.1:9'] })
  const opening = openRowStore(
    { ...own, store, retentionDays: { Heartbeat: 30 } },
    { clock: systemClock, log: pino({ level: 'silent' }) },
  )
  await expect(opening).rejects.toMatchObject({
    code: 'state-unusable',
    message: expect.stringContaining('by a TTL of its tables'),
  })
})

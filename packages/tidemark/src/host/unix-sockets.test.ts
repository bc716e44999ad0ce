import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { missingSockets } from './unix-sockets.ts'

test('sockets on which somebody listens are not missing, padded or files; others are', async () => {
  const name = `tidemark-${randomUUID()}`
  const path = join(tmpdir(), `${name}.socket`)
  const servers = [`\0${name}${'\0'.repeat(107 - name.length)}`, path].map((address) => {
    const server = createServer()
    return new Promise<typeof server>((resolve) => void server.listen(address, () => resolve(server)))
  })
  const open = await Promise.all(servers)
  const padded = `@${name}${'@'.repeat(107 - name.length)}`
  expect(missingSockets([padded, path, '@nobody', '/nowhere'])).toEqual(['@nobody', '/nowhere'])
  for (const server of open) server.close()
  rmSync(path, { force: true })
})

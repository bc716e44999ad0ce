import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { descriptorOf, peerCredentials } from './peer.ts'

test('the kernel tells process, user and group of the other end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-peer-'))
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<Socket>()
  server.once('connection', resolve)
  server.listen(join(folder, 's'))
  await once(server, 'listening')
  const script = `require('node:net').connect(${JSON.stringify(join(folder, 's'))}).resume()`
  const client = spawn(process.execPath, ['-e', script], { stdio: 'inherit' })
  const socket = await promise
  const descriptor = descriptorOf(socket)
  expect(peerCredentials(descriptor!)).toEqual({
    pid: client.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  })
  socket.destroy()
  expect(descriptorOf(socket)).toBeUndefined()
  await once(client, 'exit')
  server.close()
  rmSync(folder, { recursive: true })
})

test('a descriptor that is no socket is an error', () => {
  expect(() => peerCredentials(9_999)).toThrow('getsockopt(9999, SO_PEERCRED): EBADF')
})

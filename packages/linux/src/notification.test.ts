import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { LinuxError } from './linux-error.ts'
import { sendDatagram } from './notification.ts'

// Goal: what is sent arrives as one datagram. Method: Python listens, for Node has no datagrams on unix sockets.

const LISTEN =
  "import socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); a=sys.argv[1]; s.bind(('\\0'+a[1:]) if a[0]=='@' else a); print('listens',flush=True); print(s.recv(4096).decode(),flush=True)"

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-notify-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const hasPython = (() => {
  try {
    execFileSync('python3', ['--version'])
    return true
  } catch {
    return false
  }
})()

test.skipIf(!hasPython).each(['path', 'abstract'])(
  `a datagram reaches a socket by its %s name${hasPython ? '' : ' (skipped: no python3)'}`,
  async (kind) => {
    const address = kind === 'path' ? join(folder, 'notify') : `@tidemark-test-${process.pid}-${folder.slice(-6)}`
    const listener = spawn('python3', ['-c', LISTEN, address], { stdio: ['ignore', 'pipe', 'inherit'] })
    const heard: string[] = []
    listener.stdout.setEncoding('utf8').on('data', (text: string) => heard.push(text))
    await once(listener.stdout, 'data')
    sendDatagram(address, 'READY=1\nSTATUS=all is well, ü')
    await once(listener, 'close')
    expect(heard.join('')).toBe('listens\nREADY=1\nSTATUS=all is well, ü\n')
  },
)

test.each([
  { name: 'nobody listens', address: '/nowhere/at/all', says: 'ENOENT' },
  { name: 'there is no address', address: '', says: 'EINVAL' },
  { name: 'the address is too long', address: `/${'x'.repeat(200)}`, says: 'EINVAL' },
])('$name: it is told', ({ address, says }) => {
  expect(() => sendDatagram(address, 'READY=1')).toThrow(LinuxError)
  expect(() => sendDatagram(address, 'READY=1')).toThrow(says)
})

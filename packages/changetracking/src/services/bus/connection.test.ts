import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Clock, systemClock } from '@tidemark/base'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { BusConnection, CALL_MS_MAX, CALLS_MAX } from './connection.ts'
import { encodeMessage, type ReceivedMessage } from './message.ts'
import { MessageStream } from './message-stream.ts'

/** The other side: greets, and hands over what it is asked. */
class Peer {
  readonly asked: ReceivedMessage[] = []
  lines = ''
  answer: (socket: Socket, message: ReceivedMessage) => void = (socket, { serial, member }) => {
    socket.write(encodeMessage({ kind: 'answer', serial: 1, replyTo: serial, signature: 's' }, [member ?? '']))
  }
  greeting = 'OK 0123\r\n'
  server: Server | undefined
  socket: Socket | undefined

  listen(path: string): Promise<void> {
    this.server = createServer((socket) => {
      this.socket = socket
      this.lines = ''
      const stream = new MessageStream()
      let isGreeted = false
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        let rest = bytes
        if (!isGreeted) {
          this.lines += bytes.toString('latin1')
          const begin = this.lines.indexOf('BEGIN\r\n')
          if (begin < 0) return
          rest = Buffer.from(this.lines.slice(begin + 7), 'latin1')
          isGreeted = true
          socket.write(this.greeting)
        }
        for (const message of stream.add(rest)) {
          this.asked.push(message)
          this.answer(socket, message)
        }
      })
    })
    return new Promise((resolve) => this.server?.listen(path, resolve))
  }
}

let folder = ''
let peer: Peer
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-bus-'))
  peer = new Peer()
  await peer.listen(join(folder, 'bus'))
})
afterEach(() => {
  peer.socket?.destroy()
  peer.server?.close()
  rmSync(folder, { recursive: true, force: true })
})

const { signal } = new AbortController()
const open = async (clock: Clock = systemClock) =>
  await BusConnection.open({ path: join(folder, 'bus'), userId: 0, clock, signal })
const call = (member: string) => ({ path: '/x', interface: 'x', member })

test('we say who we are by the number of our user, and calls are answered', async () => {
  await using connection = await open()
  expect((await connection.call(call('Hello'))).body()).toEqual(['Hello'])
  expect(peer.lines).toMatch(/^\0AUTH EXTERNAL 30\r\nBEGIN\r\n/)
})

test('who does not let us in, or ends it, is told', async () => {
  peer.greeting = 'REJECTED EXTERNAL\r\n'
  await expect(open()).rejects.toMatchObject({ code: 'bus-failed', message: expect.stringContaining('REJECTED') })
  peer.server?.close()
  const nobody = BusConnection.open({ path: join(folder, 'nobody'), userId: 0, clock: systemClock, signal })
  await expect(nobody).rejects.toMatchObject({ code: 'bus-failed' })
})

test('an error is an answer, and a signal is handed over', async () => {
  await using connection = await open()
  const heard: unknown[] = []
  connection.onSignal((message) => heard.push(message.member))
  peer.answer = (socket, { serial }) => {
    socket.write(encodeMessage({ kind: 'signal', serial: 7, path: '/x', member: 'Reloading', signature: 'b' }, [false]))
    const error = { kind: 'error', serial: 8, replyTo: serial, errorName: 'x.NoSuchUnit', signature: 's' } as const
    socket.write(encodeMessage(error, ['not loaded']))
  }
  expect(await connection.call(call('GetUnit'))).toMatchObject({ kind: 'error', errorName: 'x.NoSuchUnit' })
  expect(heard).toEqual(['Reloading'])
})

test(`never more than ${CALLS_MAX} calls are under way, and all are made`, async () => {
  await using connection = await open()
  let [underWay, most] = [0, 0]
  const waiting: (() => void)[] = []
  const plain = peer.answer
  peer.answer = (socket, message) => {
    underWay += 1
    most = Math.max(most, underWay)
    waiting.push(() => {
      underWay -= 1
      plain(socket, message)
    })
    if (waiting.length === CALLS_MAX || peer.asked.length === 3 * CALLS_MAX + 1)
      setImmediate(() => waiting.splice(0).forEach((answer) => answer()))
  }
  const calls = Array.from({ length: 3 * CALLS_MAX + 1 }, (_, index) => connection.call(call(`Call${index}`)))
  expect((await Promise.all(calls)).map((answer) => answer.body()[0])).toEqual(calls.map((_, index) => `Call${index}`))
  expect(most).toBe(CALLS_MAX)
})

test('a call that takes too long, and one that the end cuts off, are rejected', async () => {
  let [laterMs, isFast] = [0, false]
  const clock: Clock = {
    nowMs: () => systemClock.nowMs(),
    monotonicMs: () => systemClock.monotonicMs() + laterMs,
    sleep: async (durationMs, stop) => await systemClock.sleep(isFast ? 1 : durationMs, stop),
  }
  const connection = await open(clock)
  peer.answer = () => undefined
  isFast = true
  const asked = connection.call(call('Slow'))
  await expect.poll(() => peer.asked.length).toBe(1)
  laterMs = CALL_MS_MAX
  await expect(asked).rejects.toMatchObject({ code: 'bus-failed', message: expect.stringContaining('no answer') })
  expect(connection.ended.aborted).toBe(true)
  await expect(connection.call(call('Late'))).rejects.toMatchObject({ code: 'bus-failed' })
  const other = await open()
  peer.answer = (socket) => socket.destroy()
  await expect(other.call(call('Cut'))).rejects.toMatchObject({ code: 'bus-failed' })
})

test('bytes that are no message end the connection', async () => {
  await using connection = await open()
  peer.answer = (socket) => void socket.write(Buffer.alloc(64, 0x7a))
  await expect(connection.call(call('Bad'))).rejects.toThrow('a message begins with the byte 122')
})

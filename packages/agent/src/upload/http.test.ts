// Goal: certificates are verified, authorities and certificates of our own and proxies are taken. Method: real TLS with
// certificates that openssl makes, and a proxy that counts what goes through it.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { createServer as createProxy } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type HttpSettings, openHttp } from './http.ts'

const hasOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!hasOpenssl)('the way to the server (skipped without openssl)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-http-'))
  const at = (name: string): string => join(folder, name)
  const signal = new AbortController().signal
  let server: Server
  let url = ''

  const certificate = (name: string): void =>
    void execFileSync(
      'openssl',
      // No word has a blank in it.
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout ${at(`${name}.key`)} -out ${at(`${name}.pem`)}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    )

  beforeAll(async () => {
    for (const name of ['server', 'machine', 'stranger']) certificate(name)
    const [cert, key] = [readFileSync(at('server.pem')), readFileSync(at('server.key'))]
    const options = { cert, key, ca: readFileSync(at('machine.pem')), requestCert: true, rejectUnauthorized: false }
    server = createServer(options, (request, response) => {
      const { authorized } = request.socket as TLSSocket
      response.end(authorized ? 'known' : 'unknown')
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  })

  const ask = async (settings: HttpSettings): Promise<string> => {
    await using http = openHttp(settings)
    return (await http.transport({ method: 'GET', url, headers: {}, signal })).text
  }

  test('a certificate of nobody we know is refused; with its authority it is taken', async () => {
    await expect(ask({})).rejects.toThrow(/self-signed certificate/)
    await expect(ask({ caFile: at('stranger.pem') })).rejects.toThrow(/self-signed certificate/)
    expect(await ask({ caFile: at('server.pem') })).toBe('unknown')
    expect(() => openHttp({ caFile: at('none.pem') })).toThrow('ENOENT')
  })

  test('the machine shows its certificate, and a new one from the next question on', async () => {
    for (const end of ['pem', 'key']) copyFileSync(at(`stranger.${end}`), at(`own.${end}`))
    const settings = { caFile: at('server.pem'), certificateFile: at('own.pem'), certificateKeyFile: at('own.key') }
    await using http = openHttp(settings)
    const next = async () => (await http.transport({ method: 'GET', url, headers: {}, signal })).text
    expect(await next()).toBe('unknown')
    for (const end of ['pem', 'key']) copyFileSync(at(`machine.${end}`), at(`own.${end}`))
    utimesSync(at('own.pem'), new Date(), new Date(Date.now() + 5_000))
    expect(await next()).toBe('known')
  })

  test('where a connection is broken off and the machine’s own certificate has run out, that is told', async () => {
    const settings = {
      caFile: at('stranger.pem'),
      certificateFile: at('machine.pem'),
      certificateKeyFile: at('machine.key'),
    }
    const question = { method: 'GET', url, headers: {}, signal } as const
    const inThreeDays = { nowMs: () => Date.now() + 3 * 86_400_000 }
    await using late = openHttp(settings, inThreeDays)
    await expect(late.transport(question)).rejects.toThrow(/self-signed.*machine\.pem, ran out on .*renew it/)
    await using now = openHttp(settings)
    await expect(now.transport(question)).rejects.not.toThrow('ran out')
  })

  test('a proxy is taken for what is not excepted, and certificates are verified through it', async () => {
    const through: string[] = []
    const sockets: Socket[] = []
    const proxy = createProxy()
    proxy.on('connect', (request, socket: Socket) => {
      through.push(request.url ?? '')
      const [host = '', port = ''] = (request.url ?? '').split(':')
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      for (const each of [socket, onward]) sockets.push(each.on('error', () => each.destroy()))
    })
    await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve))
    const httpsProxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    try {
      expect(await ask({ caFile: at('server.pem'), httpsProxy })).toBe('unknown')
      expect(through).toEqual([new URL(url).host])
      await expect(ask({ httpsProxy })).rejects.toThrow(/self-signed certificate/)
      const before = through.length
      expect(await ask({ caFile: at('server.pem'), httpsProxy, noProxy: '127.0.0.1' })).toBe('unknown')
      expect(through).toHaveLength(before)
    } finally {
      for (const socket of sockets) socket.destroy()
      proxy.closeAllConnections()
      await new Promise((resolve) => proxy.close(resolve))
    }
  })
})

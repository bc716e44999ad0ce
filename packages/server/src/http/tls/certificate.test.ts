// Goal: certificates that others take. Method: OpenSSL (inside Node) reads, verifies and speaks TLS with them.
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type TLSSocket } from 'node:tls'

import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'

import { type CertifiedKey, fingerprintOf, makeCertificate } from './certificate.ts'
import { der, integer, objectId } from './der.ts'

const times = { fromMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2126, 0, 1) }
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

test('says for whom, from when and until when it is good, and its fingerprint is the usual one', () => {
  const { certificate } = makeCertificate({
    commonName: 'größer',
    names: ['web.example', '10.0.0.7', 'fd00::1:2'],
    ...times,
  })
  const read = new X509Certificate(certificate)
  expect(read.subject).toBe('CN=größer')
  expect([read.checkHost('web.example'), read.checkHost('other.example')]).toEqual(['web.example', undefined])
  expect([read.checkIP('10.0.0.7'), read.checkIP('fd00::1:2'), read.checkIP('10.0.0.8')]).toEqual([
    '10.0.0.7',
    'fd00::1:2',
    undefined,
  ])
  expect([new Date(read.validFrom).getTime(), new Date(read.validTo).getTime()]).toEqual([times.fromMs, times.untilMs])
  expect(fingerprintOf(certificate)).toBe(read.fingerprint256)
  expect(read.verify(read.publicKey)).toBe(true)
  expect(read.ca).toBe(false)
})

async function meet(server: CertifiedKey, ca: string, name = 'localhost'): Promise<string> {
  const listening = createServer({ cert: server.certificate, key: server.key }, (socket) => socket.end())
  listening.listen(0, '127.0.0.1')
  closing.push(() => listening.close())
  await once(listening, 'listening')
  const address = listening.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return await new Promise((resolve) => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca, servername: name }, () => {
      socket.destroy()
      resolve('met')
    })
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
  })
}

describe('a client that trusts', () => {
  const now = { fromMs: Date.now() - 60_000, untilMs: Date.now() + 3_600_000 }

  test('a certificate that signed itself meets its server, under the right name only', async () => {
    const own = makeCertificate({ commonName: 'tidemark', names: ['localhost'], ...now })
    expect(await meet(own, own.certificate)).toBe('met')
    expect(await meet(own, own.certificate, 'other')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('an authority meets servers that it signed, and no others', async () => {
    const authority = makeCertificate({ commonName: 'authority', names: [], isAuthority: true, ...now })
    const issuer = { commonName: 'authority', key: authority.privateKey }
    const signed = makeCertificate({ commonName: 'server', names: ['localhost'], issuer, ...now })
    expect(await meet(signed, authority.certificate)).toBe('met')
    const other = makeCertificate({ commonName: 'authority', names: [], isAuthority: true, ...now })
    expect(await meet(signed, other.certificate)).not.toBe('met')
    const leaf = { commonName: 'server', key: signed.privateKey }
    const below = makeCertificate({ commonName: 'below', names: ['localhost'], issuer: leaf, ...now })
    expect(
      await meet({ ...below, certificate: below.certificate + signed.certificate }, authority.certificate),
    ).not.toBe('met')
  })
})

describe('DER', () => {
  test.each([
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_536, '0483010000'],
  ])('a value of %i bytes begins with %s', (length, start) => {
    expect(
      der(4, Buffer.alloc(length))
        .subarray(0, start.length / 2)
        .toString('hex'),
    ).toBe(start)
  })

  test.each([
    ['00', '020100'],
    ['0000', '020100'],
    ['007f', '02017f'],
    ['80', '02020080'],
    ['0100', '02020100'],
  ])('the whole number %s is %s', (bytes, expected) => {
    expect(integer(Buffer.from(bytes, 'hex')).toString('hex')).toBe(expected)
  })

  test('an object identifier is written as everybody writes it', () => {
    expect(objectId('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302')
  })

  test('lengths can be read again', () => {
    fc.assert(
      fc.property(fc.nat(70_000), (length) => {
        const bytes = der(4, Buffer.alloc(length))
        const first = bytes[1] ?? 0
        const digits = first < 0x80 ? 0 : first & 0x7f
        const told = digits === 0 ? first : bytes.readUIntBE(2, digits)
        expect([told, bytes.length]).toEqual([length, 2 + digits + length])
      }),
    )
  })
})

import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIP } from 'node:net'

import { newBytes } from '@tidemark/base'

import { bits, der, explicit, integer, moment, objectId, octets, sequence, truth, utf8 } from './der.ts'

/** A certificate with its key, both PEM. */
export interface CertifiedKey {
  readonly certificate: string
  readonly key: string
}

/** What a certificate says. */
export interface CertificateWish {
  /** Shown as its subject. */
  readonly commonName: string
  /** Names and addresses that it is good for. */
  readonly names: readonly string[]
  readonly fromMs: number
  readonly untilMs: number
  /** Who signs it; without one it signs itself. */
  readonly issuer?: CertifiedIssuer
  /** Whether it may sign others. */
  readonly isAuthority?: boolean
  /** Whose it is: shown by who answers (a server, where nothing is said), or by who asks. */
  readonly holder?: 'server' | 'client'
}

export interface CertifiedIssuer {
  readonly commonName: string
  readonly key: KeyObject
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'

/** A new key (P-256) and its certificate (X.509 version 3, RFC 5280). */
export function makeCertificate(wish: CertificateWish): CertifiedKey & { readonly privateKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(objectId(ECDSA_WITH_SHA256))
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(newBytes(16)),
    algorithm,
    nameOf(wish.issuer?.commonName ?? wish.commonName),
    sequence(moment(wish.fromMs), moment(wish.untilMs)),
    nameOf(wish.commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensionsOf(wish))),
  )
  const signature = sign('sha256', toBeSigned, wish.issuer?.key ?? privateKey)
  const whole = sequence(toBeSigned, algorithm, bits(signature))
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { certificate: pem(whole), key, privateKey }
}

/** SHA-256 of a certificate as browsers and openssl show it: `AB:CD:…`. */
export function fingerprintOf(certificate: string): string {
  const bytes = Buffer.from(certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const hex = createHash('sha256').update(bytes).digest('hex').toUpperCase()
  return hex.match(/../g)?.join(':') ?? hex
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId('2.5.4.3'), utf8(commonName))))
}

function extensionsOf({ names, isAuthority = false, holder = 'server' }: CertificateWish): Buffer[] {
  const keyUsage = isAuthority ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0x80]), 7)
  const all = [
    extension('2.5.29.19', isAuthority ? sequence(truth()) : sequence(), { isCritical: true }),
    extension('2.5.29.15', keyUsage, { isCritical: true }),
  ]
  if (isAuthority) return all
  // serverAuth and clientAuth, RFC 5280 section 4.2.1.12.
  const authentication = objectId(holder === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2')
  return [...all, extension('2.5.29.37', sequence(authentication)), ...alternativeNames(names)]
}

function alternativeNames(names: readonly string[]): Buffer[] {
  return names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names.map(alternativeName)))]
}

function alternativeName(name: string): Buffer {
  const address = addressBytes(name)
  return address === undefined ? der(0x82, Buffer.from(name, 'ascii')) : der(0x87, address)
}

function addressBytes(text: string): Buffer | undefined {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number))
  if (isIP(text) !== 6) return undefined
  // The URL parser writes an address in its short form, with hex digits only.
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string): string[] => part.split(':').filter(Boolean)
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function extension(id: string, value: Buffer, { isCritical = false } = {}): Buffer {
  return sequence(objectId(id), ...(isCritical ? [truth()] : []), octets(value))
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

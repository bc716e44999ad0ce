import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'

import type { Clock } from '@tidemark/base'

import { ServerError } from '../../server-error.ts'
import type { ServerSettings } from '../../settings.ts'
import { keptCertifiedKey, ownNames, readCertifiedKey } from '../host/tls-files.ts'
import { type CertifiedKey, fingerprintOf, makeCertificate } from './certificate.ts'

/** How long a certificate that the server makes for itself is good, in milliseconds: ten years. */
const OWN_MS = 3_650 * 86_400_000
const DAY_MS = 86_400_000

/** With what the server speaks TLS. */
export interface ServerTls extends CertifiedKey {
  readonly fingerprint: string
  /** Whether the server made it: whoever connects has to be told whom to trust. */
  readonly isOwn: boolean
  /** Where the certificate is. */
  readonly path: string
}

/**
 * By the settings: the files that are named; none on the loopback; elsewhere a certificate that the first start makes in
 * the state folder. Throws `ServerError` `tls-unusable`.
 */
export function serverTls(settings: ServerSettings, clock: Clock): ServerTls | undefined {
  const { tls, host, stateFolder } = settings
  if (tls === 'off' || (tls === 'auto' && isLoopback(host))) return undefined
  const own = { certificate: join(stateFolder, 'tls.crt'), key: join(stateFolder, 'tls.key') }
  const files = typeof tls === 'object' ? tls : own
  try {
    const found =
      typeof tls === 'object' ? readCertifiedKey(files) : keptCertifiedKey(own, () => ownCertificate(settings, clock))
    createSecureContext({ cert: found.certificate, key: found.key })
    const { certificate, key } = found
    return {
      certificate,
      key,
      fingerprint: fingerprintOf(firstOf(certificate)),
      isOwn: files === own,
      path: files.certificate,
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ServerError('tls-unusable', `TLS with ${files.certificate} and ${files.key}: ${why}`, { cause })
  }
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

function ownCertificate({ publicUrl, host }: ServerSettings, clock: Clock): CertifiedKey {
  const nowMs = clock.nowMs()
  const told = [...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replaceAll(/[[\]]/g, '')]), host]
  const names = [...new Set([...told.filter((name) => name !== '0.0.0.0' && name !== '::'), ...ownNames()])]
  return makeCertificate({ commonName: 'Tidemark server', names, fromMs: nowMs - DAY_MS, untilMs: nowMs + OWN_MS })
}

/** Of a chain, the server's own. */
function firstOf(chain: string): string {
  return new X509Certificate(chain).toString()
}

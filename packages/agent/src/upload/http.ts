import { X509Certificate } from 'node:crypto'

import { type Clock, systemClock } from '@tidemark/base'
import { EnvHttpProxyAgent, request } from 'undici'

import { fileText, newestChangeMs, systemAuthorities } from '../host/certificates.ts'
import type { Transport } from './transport.ts'

/** How long one answer may take, in milliseconds. */
const ANSWER_MS_MAX = 60_000
/** Bytes of an answer: rules are the longest. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** How the way to the server is made. Certificates are verified, always. */
export interface HttpSettings {
  /** PEM file of the authorities to believe besides the system's. */
  readonly caFile?: string | undefined
  /** PEM files by which the machine shows itself, where the server asks for that. */
  readonly certificateFile?: string | undefined
  readonly certificateKeyFile?: string | undefined
  /** Proxies for http and https, and where to go without: as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say it. */
  readonly httpProxy?: string | undefined
  readonly httpsProxy?: string | undefined
  readonly noProxy?: string | undefined
}

/**
 * HTTP(S) with connections that are kept. Redirects are not followed: an answer tells where to ask, or it is none.
 * Certificates that were renewed on disk are used from the next question on.
 */
export function openHttp(
  settings: HttpSettings = {},
  clock: Pick<Clock, 'nowMs'> = systemClock,
): { readonly transport: Transport } & AsyncDisposable {
  const files = [settings.caFile, settings.certificateFile, settings.certificateKeyFile].filter(
    (each) => each !== undefined,
  )
  let changedMs = newestChangeMs(files)
  let agent = agentOf(settings)
  const transport: Transport = async ({ method, url, headers, body, signal }) => {
    const nowChangedMs = files.length === 0 ? changedMs : newestChangeMs(files)
    if (nowChangedMs !== changedMs) {
      const fresh = agentOf(settings)
      void agent.close()
      agent = fresh
      changedMs = nowChangedMs
    }
    const options = { method, headers, body: body ?? null, dispatcher: agent, signal }
    const answer = await request(url, options).catch((error: unknown) => {
      throw withOwnTrouble(error, settings, clock.nowMs())
    })
    const text = await answer.body.text()
    const flat = Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
    return { status: answer.statusCode, headers: Object.fromEntries(flat), text }
  }
  return { transport, [Symbol.asyncDispose]: async () => await agent.destroy() }
}

/** A server that does not take our certificate breaks off without a word: where that has run out, the error says so. */
function withOwnTrouble(error: unknown, { certificateFile }: HttpSettings, nowMs: number): unknown {
  if (certificateFile === undefined || !(error instanceof Error)) return error
  try {
    const { validTo } = new X509Certificate(fileText(certificateFile))
    if (Date.parse(validTo) > nowMs) return error
    const hint = `the certificate of this machine, ${certificateFile}, ran out on ${validTo}: renew it`
    return new Error(`${error.message} (${hint})`, { cause: error })
  } catch {
    return error
  }
}

function agentOf({ caFile, certificateFile, certificateKeyFile, ...proxies }: HttpSettings): EnvHttpProxyAgent {
  const tls = {
    ...(caFile === undefined ? {} : { ca: [...systemAuthorities(), fileText(caFile)] }),
    ...(certificateFile === undefined ? {} : { cert: fileText(certificateFile) }),
    ...(certificateKeyFile === undefined ? {} : { key: fileText(certificateKeyFile) }),
  }
  return new EnvHttpProxyAgent({
    connect: { timeout: 10_000, ...tls },
    requestTls: tls,
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
    maxResponseSize: ANSWER_BYTES_MAX,
    connections: 16,
    // Said here so that nothing is taken from the environment behind our back.
    httpProxy: proxies.httpProxy ?? '',
    httpsProxy: proxies.httpsProxy ?? '',
    noProxy: proxies.noProxy ?? '',
  })
}

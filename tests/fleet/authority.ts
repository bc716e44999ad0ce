import { makeCertificate } from '@tidemark/server/testing'
import type { CertifiedKey } from '@tidemark/server/testing'

const DAY_MS = 86_400_000

/** An authority of the test's own, which signs for servers and machines. */
export class Authority {
  readonly #own = makeCertificate({
    commonName: 'fleet authority',
    names: [],
    fromMs: Date.now() - 800 * DAY_MS,
    untilMs: Date.now() + 800 * DAY_MS,
    isAuthority: true,
  })

  get certificate(): string {
    return this.#own.certificate
  }

  /** Of a server at an address, or of a machine by its name; one that ran out yesterday where `isExpired`. */
  sign(holder: 'server' | 'client', name: string, { isExpired = false } = {}): CertifiedKey {
    const issuer = { commonName: 'fleet authority', key: this.#own.privateKey }
    const untilMs = Date.now() + (isExpired ? -1 : 600) * DAY_MS
    const fromMs = Date.now() - 700 * DAY_MS
    return makeCertificate({ commonName: name, names: [name], fromMs, untilMs, issuer, holder })
  }
}

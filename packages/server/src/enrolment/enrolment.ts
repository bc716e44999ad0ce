import type { Clock } from '@tidemark/base'
import type { MachineKeyView, PublicKeyJwk, RegisterMachineAnswer } from '@tidemark/model'
import { publicKeyJwk } from '@tidemark/model'
import { calculateJwkThumbprint, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import type { Logger } from 'pino'

import { secretHash } from '../access/secrets.ts'
import type { KnownMachine, Machines } from '../control/machines.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { EnrolmentTokens } from './enrolment-tokens.ts'
import { signedClaims } from './signed-claims.ts'
import type { Standing } from './standing.ts'

export interface EnrolmentDeps {
  readonly metadata: Metadata
  readonly clock: Clock
  readonly log: Logger
  readonly machines: Machines
  readonly standing: Standing
  /** Makes a machine known. */
  readonly admit: (computer: string, sourceComputerId: string) => Promise<RegisterMachineAnswer>
  /** 32 random bytes, the same for all servers before one database. */
  readonly accessKey: Uint8Array
}

/** Why something was refused; the routes say it with the status that fits. */
export interface Refusal {
  readonly refused:
    | 'wrong-token'
    | 'not-signed'
    | 'clocks-differ'
    | 'already-enrolled'
    | 'unknown-key'
    | 'revoked'
    | 'clone'
  readonly message: string
}

/** How long an access token is good, in seconds. */
export const ACCESS_TOKEN_SECONDS = 900
const ACCESS_AUDIENCE = 'tidemark-machine'

/**
 * Lets machines in by enrolment tokens, knows each by its own key, and gives short access tokens for it. A key that two
 * machines hold is noticed by its ticket (decision 0033): whoever comes later is refused.
 */
export class Enrolment {
  readonly tokens: EnrolmentTokens
  readonly #deps: EnrolmentDeps

  constructor(deps: EnrolmentDeps) {
    this.#deps = deps
    this.tokens = new EnrolmentTokens(deps.metadata, deps.clock)
  }

  /** Makes a machine known by its key. The token is used up only where all else is right. */
  async enrol(wish: {
    readonly token: string
    readonly computer: string
    readonly sourceComputerId: string
    readonly publicKey: PublicKeyJwk
    readonly proof: string
    readonly isReplacement: boolean
  }): Promise<Refusal | { readonly machine: RegisterMachineAnswer; readonly keyId: string }> {
    const { clock, log, admit } = this.#deps
    const proof = await signedClaims(wish.proof, wish.publicKey, clock.nowMs())
    if (proof.kind !== 'signed') return refusalOf(proof)
    const before = await this.#keyOfComputer(wish.sourceComputerId)
    const isRevoked = before !== undefined && (await this.#deps.standing.isRevoked(before.machine.resourceId))
    if (before && !isRevoked && !wish.isReplacement) {
      const seen = new Date(before.row.last_seen_ms).toISOString()
      return {
        refused: 'already-enrolled',
        message: `${before.machine.computer}, seen ${seen}, is enrolled with this machine id. If this is the same machine, installed anew: enrol it with --replace. If it is a copy of that one: give it an id of its own first (rm /etc/machine-id; systemd-machine-id-setup)`,
      }
    }
    if (!(await this.tokens.use(wish.token)))
      return { refused: 'wrong-token', message: 'the enrolment token is not known here, used up or too old' }
    const keyId = await calculateJwkThumbprint(wish.publicKey)
    const machine = await admit(wish.computer, wish.sourceComputerId)
    // Its key alone speaks for it: nobody has the token of the registration.
    await this.#deps.machines.voidToken(machine.resourceId)
    await this.#saveKey(machine.resourceId, { keyId, publicKey: wish.publicKey, ticket: proof.next })
    await this.#deps.standing.enrolled(machine.resourceId)
    log.info({ resourceId: machine.resourceId, keyId }, 'a machine was enrolled')
    return { machine, keyId }
  }

  /** An access token for an assertion of a machine's key. */
  async accessToken(
    assertion: string,
  ): Promise<Refusal | { readonly accessToken: string; readonly isRotationWished: boolean }> {
    const { clock } = this.#deps
    const known = await this.#holderOf(assertion)
    if ('refused' in known) return known
    const nowSeconds = Math.floor(clock.nowMs() / 1_000)
    const accessToken = await new SignJWT({ kid: known.row.key_id })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setAudience(ACCESS_AUDIENCE)
      .setSubject(known.row.resource_key)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + ACCESS_TOKEN_SECONDS)
      .sign(this.#deps.accessKey)
    return { accessToken, isRotationWished: await this.#deps.standing.isRotationWished(known.row.resource_key) }
  }

  /** Another key takes the place of the machine's: the assertion is the old one's, the proof the new one's. */
  async rotate(wish: {
    readonly assertion: string
    readonly publicKey: PublicKeyJwk
    readonly proof: string
  }): Promise<Refusal | { readonly keyId: string }> {
    const { clock } = this.#deps
    const proof = await signedClaims(wish.proof, wish.publicKey, clock.nowMs())
    if (proof.kind !== 'signed') return refusalOf(proof)
    const known = await this.#holderOf(wish.assertion)
    if ('refused' in known) return known
    const keyId = await calculateJwkThumbprint(wish.publicKey)
    const { build } = this.#deps.metadata
    const change = build
      .updateTable('machine_key')
      .set({ key_id: keyId, public_key: JSON.stringify(wish.publicKey), rotated_ms: clock.nowMs() })
      .where('resource_key', '=', known.row.resource_key)
    await this.#deps.metadata.run(change)
    await this.#deps.standing.rotated(known.row.resource_key)
    return { keyId }
  }

  /** Who signed, where it is the one holder of a key that is good; its next ticket is known from then on. */
  async #holderOf(assertion: string): Promise<Refusal | { readonly row: KeyRow }> {
    const { clock, log, metadata, standing } = this.#deps
    const row = await this.#keyById(keyIdOf(assertion))
    if (row === undefined)
      return { refused: 'unknown-key', message: 'no machine has this key; enrol the machine again' }
    const key = publicKeyJwk.parse(JSON.parse(row.public_key))
    const claims = await signedClaims(assertion, key, clock.nowMs())
    if (claims.kind !== 'signed') return refusalOf(claims)
    if (await standing.isRevoked(row.resource_key))
      return { refused: 'revoked', message: 'the key of this machine was revoked; enrol the machine again' }
    // The same two once more: the answer of before did not arrive.
    const isHolder = [claims.ticket, claims.next].some((ticket) => secretHash(ticket) === row.ticket_hash)
    const seen = isHolder
      ? { ticket_hash: secretHash(claims.next), last_seen_ms: clock.nowMs() }
      : { clone_seen_ms: clock.nowMs() }
    await metadata.run(metadata.build.updateTable('machine_key').set(seen).where('resource_key', '=', row.resource_key))
    if (isHolder) return { row }
    log.warn(
      { machine: row.resource_key, keyId: row.key_id },
      'a second machine has the key of this one; it is refused',
    )
    return {
      refused: 'clone',
      message:
        'another machine came with this key first: this one is a copy of it, or was set back to an earlier state. Give it an id of its own (rm /etc/machine-id; systemd-machine-id-setup), then enrol it again',
    }
  }

  /** The machine of an access token that is good; its key must be so still. */
  async machineOf(accessToken: string): Promise<KnownMachine | undefined> {
    let subject: string | undefined
    try {
      const currentDate = new Date(this.#deps.clock.nowMs())
      const options = { audience: ACCESS_AUDIENCE, algorithms: ['HS256'], currentDate }
      const { payload } = await jwtVerify(accessToken, this.#deps.accessKey, options)
      subject = payload.sub
    } catch {
      return undefined
    }
    const machine = await this.#deps.machines.byId(subject ?? '')
    return machine === undefined || (await this.#deps.standing.isRevoked(machine.resourceId)) ? undefined : machine
  }

  async keys(): Promise<MachineKeyView[]> {
    const { metadata, machines } = this.#deps
    const revocations = await this.#deps.standing.revocations()
    const byKey = new Map((await machines.list()).map((machine) => [machine.resourceId.toLowerCase(), machine]))
    const rows = await metadata.all(metadata.build.selectFrom('machine_key').selectAll().orderBy('resource_key'))
    return rows.map((row) => ({
      resourceId: byKey.get(row.resource_key)?.resourceId ?? row.resource_key,
      computer: byKey.get(row.resource_key)?.computer ?? '',
      keyId: row.key_id,
      enrolledAt: iso(row.enrolled_ms),
      lastSeenAt: iso(row.last_seen_ms),
      rotatedAt: iso(row.rotated_ms),
      revokedAt: isoOf(revocations.get(row.resource_key)?.atMs),
      revokedBy: revocations.get(row.resource_key)?.who ?? null,
      cloneSeenAt: row.clone_seen_ms === null ? null : iso(row.clone_seen_ms),
    }))
  }

  async #keyOfComputer(sourceComputerId: string): Promise<{ machine: KnownMachine; row: KeyRow } | undefined> {
    const { machines, metadata } = this.#deps
    const machine = await machines.byComputerId(sourceComputerId)
    if (machine === undefined) return undefined
    const question = metadata.build
      .selectFrom('machine_key')
      .selectAll()
      .where('resource_key', '=', machine.resourceId.toLowerCase())
    const row = await metadata.first(question)
    return row && { machine, row }
  }

  async #keyById(keyId: string): Promise<KeyRow | undefined> {
    const { metadata } = this.#deps
    return await metadata.first(metadata.build.selectFrom('machine_key').selectAll().where('key_id', '=', keyId))
  }

  async #saveKey(resourceId: string, key: { keyId: string; publicKey: PublicKeyJwk; ticket: string }): Promise<void> {
    const nowMs = this.#deps.clock.nowMs()
    const row: KeyRow = {
      resource_key: resourceId.toLowerCase(),
      key_id: key.keyId,
      public_key: JSON.stringify(key.publicKey),
      ticket_hash: secretHash(key.ticket),
      enrolled_ms: nowMs,
      rotated_ms: nowMs,
      last_seen_ms: nowMs,
      revoked_ms: null,
      clone_seen_ms: null,
    }
    const { build } = this.#deps.metadata
    await this.#deps.metadata.run(
      build
        .insertInto('machine_key')
        .values(row)
        .onConflict((conflict) => conflict.column('resource_key').doUpdateSet(row)),
    )
  }
}

interface KeyRow {
  readonly resource_key: string
  readonly key_id: string
  readonly public_key: string
  readonly ticket_hash: string
  readonly enrolled_ms: number
  readonly rotated_ms: number
  readonly last_seen_ms: number
  readonly revoked_ms: number | null
  readonly clone_seen_ms: number | null
}

function refusalOf(
  claims: { readonly kind: 'clocks-differ' } | { readonly kind: 'not-signed'; readonly reason: string },
): Refusal {
  return claims.kind === 'clocks-differ'
    ? {
        refused: 'clocks-differ',
        message: 'the clocks of server and machine are too far apart; the answer’s Date is ours',
      }
    : { refused: 'not-signed', message: `the signature is not that of the key: ${claims.reason}` }
}

function keyIdOf(assertion: string): string {
  try {
    return decodeProtectedHeader(assertion).kid ?? ''
  } catch {
    return ''
  }
}

function isoOf(momentMs: number | undefined): string | null {
  return momentMs === undefined ? null : iso(momentMs)
}

function iso(momentMs: number): string {
  return new Date(momentMs).toISOString()
}

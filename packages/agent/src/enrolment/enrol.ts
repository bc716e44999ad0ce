import type { Clock } from '@tidemark/base'
import { agentPlaces, type MachineRegistration } from '@tidemark/model'
import { z } from 'zod'

import { AgentError } from '../agent-error.ts'
import { keyFileAt, writeSecret } from '../host/key-file.ts'
import { thisMachine } from '../host/machine.ts'
import { type HttpSettings, openHttp } from '../upload/http.ts'
import { KeyRefused, refusalOf } from './key-tokens.ts'
import { newKeyPair, newTicket, publicKeyOf, signedBy } from './machine-key.ts'

/** Which server, by which token, and where this machine keeps its things. */
export interface EnrolOptions {
  /** Below which the agent keeps its things. */
  readonly root: string
  readonly serverUrl: string
  readonly token: string
  /** Takes the place of the machine that is enrolled with this identity: it is the same, installed anew. */
  readonly isReplacement: boolean
  readonly http: HttpSettings
  readonly clock: Clock
  readonly signal: AbortSignal
}

const enrolAnswer = z.object({ resourceId: z.string(), region: z.string(), keyId: z.string() })

/**
 * Gives this machine a key of its own (`machine.key`, mode 0600) and makes it known to a server, whose address and the
 * machine's name there go to `machine.json`. Throws `AgentError` `enrolment-refused` with what to do, or `server-away`.
 */
export async function enrolMachine(
  options: EnrolOptions,
): Promise<{ readonly resourceId: string; readonly keyId: string }> {
  const { root, clock, serverUrl, token, isReplacement, http, signal } = options
  const { computer, sourceComputerId } = thisMachine()
  const key = await newKeyPair(clock.nowMs())
  const tickets = { ticket: newTicket(), next: newTicket() }
  await using connection = openHttp(http)
  const bodyAt = async (nowMs: number): Promise<Buffer> =>
    Buffer.from(
      JSON.stringify({
        token,
        computer,
        sourceComputerId,
        publicKey: publicKeyOf(key.privateKey),
        proof: await signedBy(key, tickets, nowMs),
        isReplacement,
      }),
    )
  const ask = async (nowMs: number) =>
    await connection.transport({
      method: 'POST',
      url: `${serverUrl.replace(/\/+$/, '')}/api/enrolment`,
      headers: { 'content-type': 'application/json' },
      body: await bodyAt(nowMs),
      signal,
    })
  const places = agentPlaces(root)
  try {
    let answer = await ask(clock.nowMs())
    const dateMs = Date.parse(answer.headers['date'] ?? '')
    // With the server's own time, where ours is wrong.
    if (answer.status === 401 && refusalOf(answer).code === 'ClocksDiffer' && !Number.isNaN(dateMs))
      answer = await ask(dateMs)
    if (answer.status !== 201) throw refusalOf(answer)
    const { resourceId, region, keyId } = enrolAnswer.parse(JSON.parse(answer.text))
    keyFileAt(places.key).save({ key, ticket: tickets.next, next: newTicket() })
    const registration: MachineRegistration = { serverUrl, resourceId, region, ...filesOf(http) }
    writeSecret(places.registration, `${JSON.stringify(registration, undefined, 2)}\n`)
    return { resourceId, keyId }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    if (cause instanceof KeyRefused)
      throw new AgentError('enrolment-refused', `${serverUrl} does not take this machine: ${why}`, { cause })
    throw new AgentError('server-away', `${serverUrl} could not be asked: ${why}`, { cause })
  }
}

function filesOf({ caFile, certificateFile, certificateKeyFile }: HttpSettings): Partial<MachineRegistration> {
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certificateFile === undefined ? {} : { certificateFile }),
    ...(certificateKeyFile === undefined ? {} : { certificateKeyFile }),
  }
}

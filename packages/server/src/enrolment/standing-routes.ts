import { machineActionRequest, problemOf } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import type { People } from '../access/people.ts'
import type { KnownMachine, Machines } from '../control/machines.ts'
import { refuse } from '../http/api-error.ts'
import type { ByWhom, Standing } from './standing.ts'

export interface StandingDeps {
  readonly standing: Standing
  readonly machines: Machines
  readonly people: People
}

/** What people do about a machine's word: take it no more, take it again, let it make another key. Right `machines:write`. */
export function standingRoutes(app: FastifyInstance, { standing, machines, people }: StandingDeps): void {
  const writing = { preHandler: people.requires('machines:write') }
  /** `act` says whether it changed anything; doing it once more is no mistake. */
  const about = (path: string, act: (machine: KnownMachine, by: ByWhom) => Promise<unknown>): void =>
    void app.post(path, writing, async (request: FastifyRequest, reply: FastifyReply) => {
      const read = machineActionRequest.safeParse(request.body)
      if (!read.success)
        return refuse(reply, 400, {
          code: 'BadRequest',
          message: 'the request is wrong',
          problems: read.error.issues.map(problemOf),
        })
      const machine = await machines.byId(read.data.resourceId)
      if (machine === undefined)
        return refuse(reply, 404, { code: 'NotFound', message: 'no machine of this resource id is known here' })
      const who = people.callerOf(request)?.holder ?? ''
      await act(machine, { who, reason: read.data.reason })
      return await reply.code(204).send()
    })
  about('/api/machine-keys/revocations', async ({ resourceId }, by) => await standing.revoke(resourceId, by))
  about('/api/machine-keys/restorations', async ({ resourceId }, by) => await standing.restore(resourceId, by))
  about('/api/machine-keys/rotations', async ({ resourceId }, by) => await standing.wishRotation(resourceId, by))
  app.get('/api/machine-actions', writing, async () => ({ machineActions: await standing.actions() }))
}

import { agentPlaces, type MachineRegistration, type RegisterMachineAnswer } from '@tidemark/model'

import { writeTextAtomically } from '../host/files.ts'
import { thisMachine } from '../host/machine-facts.ts'
import type { ServerClient } from '../installation/server-client.ts'
import type { UpPlaces } from './settings.ts'

/**
 * Makes this machine known and writes its registration (mode 0600). Done at each start: the server then gives a new
 * token, so that state folders which were copied or half deleted come right by themselves. Returns the machine's name.
 */
export async function registerThisMachine(client: ServerClient, places: UpPlaces): Promise<string> {
  const { computer, sourceComputerId } = thisMachine()
  const answer = await client.call<RegisterMachineAnswer>('POST', '/api/machines', { computer, sourceComputerId })
  const registration: MachineRegistration = {
    serverUrl: client.url,
    resourceId: answer.resourceId,
    region: answer.region,
    token: answer.token,
  }
  writeTextAtomically(agentPlaces(places.root).registration, `${JSON.stringify(registration, undefined, 2)}\n`, 0o600)
  return computer
}

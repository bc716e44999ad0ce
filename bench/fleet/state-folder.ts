import { systemClock } from '@tidemark/base'
import { openServer, serverSettings } from '@tidemark/server'
import { pino } from 'pino'

import { fillFleet } from './fill.ts'
import type { Fleet } from './rows.ts'
import { scaledSize } from './size.ts'

/** Makes a server's state folder, as a first start does, and fills it with a fleet of that scale up to that moment. */
export async function fleetIn(
  stateFolder: string,
  { scale, nowMs }: { readonly scale: number; readonly nowMs: number },
  tell: (text: string) => void,
): Promise<Fleet> {
  const settings = serverSettings.parse({ stateFolder, port: 0 })
  const life = { clock: systemClock, log: pino({ level: 'silent' }), signal: new AbortController().signal }
  const server = await openServer(settings, life)
  const { workspaceId } = server
  await server[Symbol.asyncDispose]()
  const fleet = { size: scaledSize(scale), workspaceId, nowMs }
  fillFleet(stateFolder, fleet, tell)
  return fleet
}

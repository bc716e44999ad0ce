import { askServer } from './client.ts'

/** What one machine needs to be let in. */
export interface EnrolmentLine {
  readonly token: string
  /** For how long it is good, in hours. */
  readonly lifeHours: number
}

const LIFE_HOURS = 24

/** A token that lets one machine in within a day. Throws `RequestFailed` 403 for whoever may add none. */
export async function newEnrolment(): Promise<EnrolmentLine> {
  const wish = { usesMax: 1, lifeSeconds: LIFE_HOURS * 3_600, description: 'from the portal' }
  const { token } = await askServer<{ token: string }>('POST', '/api/enrolment-tokens', { body: wish })
  return { token, lifeHours: LIFE_HOURS }
}

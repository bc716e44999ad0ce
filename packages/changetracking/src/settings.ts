import { z } from 'zod'

/** How change tracking runs; what it looks at comes from the rules. Times are milliseconds. */
export const changeTrackingSettings = z.object({
  /** Below which database and logs are, by the paths of the described system. */
  root: z.string().min(1).default('/'),
  /** Where the agent's sockets are, where they are files. */
  socketsDirectory: z.string().min(1).optional(),
  /** How often the agent is asked for the rules. */
  configRefreshMs: z.number().int().positive().default(300_000),
  /** How soon an agent that does not answer is asked again. */
  retryMs: z.number().int().positive().default(2_000),
  /** How often the agent is told how it goes. */
  statusMs: z.number().int().positive().default(60_000),
})
export type ChangeTrackingSettings = z.infer<typeof changeTrackingSettings>

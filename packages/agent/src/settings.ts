import { z } from 'zod'

/** How the agent runs. Times are milliseconds. */
export const agentSettings = z.object({
  /** Below which config chunks, sink and logs are, by the paths of the described system. */
  root: z.string().min(1).default('/'),
  /** Makes the sockets files in this folder, where abstract ones are not wanted. */
  socketsDirectory: z.string().min(1).optional(),
  uploadIntervalMs: z.number().int().positive().default(20_000),
  /** How often the server is asked for the rules. */
  refreshMs: z.number().int().positive().default(300_000),
  heartbeatMs: z.number().int().positive().default(60_000),
  /** Bytes of all sinks together. */
  sinkBytesMax: z
    .number()
    .int()
    .positive()
    .default(1024 * 1024 * 1024),
})
export type AgentSettings = z.infer<typeof agentSettings>

import { machineModes } from '@tidemark/model'
import { z } from 'zod'

/**
 * How change tracking runs: what `changetracking.json` holds (docs/operating/changetracking.md). What it looks at comes from
 * the rules. Times are milliseconds.
 */
export const changeTrackingSettings = z.strictObject({
  /** Below which database and logs are, by the paths of the described system. */
  root: z.string().min(1).default('/'),
  /** Where the JSON files and the logs are: as on an Azure VM, or as on an Arc machine. */
  mode: z.enum(machineModes).default('azure-vm'),
  /** Where the agent's sockets are, where they are files. */
  socketsDirectory: z.string().min(1).optional(),
  /** How often the agent is asked for the rules. */
  configRefreshMs: z.number().int().positive().default(300_000),
  /** How soon an agent that does not answer is asked again. */
  retryMs: z.number().int().positive().default(2_000),
  /** How often the agent is told how it goes. */
  statusMs: z.number().int().positive().default(60_000),
  log: z
    .strictObject({
      /** Also changed while it runs, when it gets SIGHUP. */
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
      /** Bytes of the log before the next file begins, and how many files are kept. */
      fileBytesMax: z
        .number()
        .int()
        .min(65_536)
        .default(10 * 1024 * 1024),
      filesMax: z.number().int().min(1).max(100).default(5),
    })
    .prefault({}),
})
export type ChangeTrackingSettings = z.infer<typeof changeTrackingSettings>

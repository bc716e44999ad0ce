import { z } from 'zod'

import { contentPlace } from './content/store/place.ts'

/** How the server runs. */
export const serverSettings = z.object({
  /** Where everything is kept; made with mode 0700. */
  stateFolder: z.string().min(1),
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any port that is free. */
  port: z.number().int().min(0).max(65_535).default(8437),
  /** Under which machines and browsers reach it, where that differs from host and port. */
  publicUrl: z.url().optional(),
  /** The built portal; without it a page says how to build it. */
  portalFolder: z.string().optional(),
  /** Frequencies of the default rule in seconds; Azure's where nothing is said. Used when the rule is created. */
  defaultRule: z
    .object({
      fileSeconds: z.number().int().positive(),
      softwareSeconds: z.number().int().positive(),
      serviceSeconds: z.number().int().positive(),
      inventorySeconds: z.number().int().positive(),
    })
    .optional(),
  /** A machine without a heartbeat for so long is silent, in milliseconds. */
  silentAfterMs: z.number().int().positive().default(300_000),
  /** Where contents of files are kept. */
  contents: contentPlace,
})
export type ServerSettings = z.infer<typeof serverSettings>

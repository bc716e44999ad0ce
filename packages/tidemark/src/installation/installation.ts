import { z } from 'zod'

/** What `tidemark up` writes to `<state>/tidemark.json`, so that every other command finds the server and the programs. */
export const installation = z.object({
  version: z.string(),
  serverUrl: z.url(),
  adminTokenFile: z.string(),
  /** Where the programs of this machine keep their things; `/` when installed as packages. */
  root: z.string(),
  socketsDirectory: z.string().optional(),
  /** Process ids at the last start, 0 where a program could not be started. */
  processes: z.object({ up: z.number(), server: z.number(), agent: z.number(), changetracking: z.number() }),
})
export type Installation = z.infer<typeof installation>

export const installationFileName = 'tidemark.json'

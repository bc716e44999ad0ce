import { z } from 'zod'

/** What the agent writes to `status.json` beside its log; times are ISO 8601. */
export const agentStatus = z.object({
  pid: z.number(),
  version: z.string(),
  startedAt: z.string(),
  writtenAt: z.string(),
  server: z.object({
    url: z.string(),
    isReachable: z.boolean(),
    /** Why the last question for rules went wrong. */
    lastError: z.string().optional(),
  }),
  rules: z.array(z.object({ id: z.string(), eTag: z.string() })),
  /** Rules that the server sent and that are broken, with the place of the mistake. */
  ruleProblems: z.array(z.string()),
  streams: z.array(
    z.object({
      id: z.string(),
      /** Bytes that some destination does not have yet. */
      backlogBytes: z.number(),
      storedBytes: z.number(),
      /** When the oldest row that waits was taken. */
      oldestAt: z.string().optional(),
      lastUploadAt: z.string().optional(),
      lastError: z.string().optional(),
      refusedCount: z.number(),
      /** False for a stream whose rule is gone: what is in its sink stays there. */
      isUploaded: z.boolean(),
      /** Rows were dropped, and no record tells of them yet. */
      hasUntoldDrops: z.boolean(),
      /** By channel; one that is drained belongs to a rule that is gone or sends elsewhere now. */
      destinations: z.array(
        z.object({
          channel: z.string(),
          backlogBytes: z.number(),
          isDraining: z.boolean(),
          /** Why the last try to send there did not go well. */
          lastError: z.string().optional(),
        }),
      ),
    }),
  ),
  sockets: z.array(z.string()),
  connections: z.number(),
  refusedMessages: z.number(),
  lastHeartbeatAt: z.string().optional(),
  extension: z
    .object({ name: z.string(), version: z.string(), status: z.string(), detail: z.string(), at: z.string() })
    .optional(),
})
export type AgentStatus = z.infer<typeof agentStatus>

import { z } from 'zod'

/** What the agent writes to `status.json` beside its log; times are ISO 8601. */
export const agentStatus = z.object({
  pid: z.number(),
  version: z.string(),
  startedAt: z.string(),
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
      backlogBytes: z.number(),
      lastUploadAt: z.string().optional(),
      lastError: z.string().optional(),
      refusedCount: z.number(),
      /** False for a stream whose rule is gone: what is in its sink stays there. */
      isUploaded: z.boolean(),
    }),
  ),
  sockets: z.array(z.string()),
  refusedMessages: z.number(),
  lastHeartbeatAt: z.string().optional(),
  extension: z
    .object({ name: z.string(), version: z.string(), status: z.string(), detail: z.string(), at: z.string() })
    .optional(),
})
export type AgentStatus = z.infer<typeof agentStatus>

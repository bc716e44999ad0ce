import { completeKql, formatKql, hoverKql, signatureKql, TEXT_CHARS_MAX } from '@tidemark/kql'
import { type QueryCompletions, type QuerySignatureHelp, queryTables } from '@tidemark/model'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { Right } from '../access/rights.ts'
import { refuse } from '../http/api-error.ts'

/** A text and a place in it, as an editor asks about it. */
export const languageRequest = z.object({
  query: z.string().max(TEXT_CHARS_MAX),
  /** UTF-16 units from the begin. */
  offset: z.number().int().nonnegative().max(TEXT_CHARS_MAX).default(0),
})

const reading = { config: { access: 'read' satisfies Right } } as const

type Question = z.infer<typeof languageRequest>

const answers: Readonly<Record<string, (question: Question) => unknown>> = {
  complete: ({ query, offset }) => completeKql(query, offset, queryTables) satisfies QueryCompletions,
  hover: ({ query, offset }) => ({ text: hoverKql(query, offset, queryTables) ?? null }),
  signature: ({ query, offset }) => ({
    help: (signatureKql(query, offset, queryTables) ?? null) satisfies QuerySignatureHelp | null,
  }),
  format: ({ query }) => ({ query: formatKql(query, queryTables) }),
}

/** `POST /api/query/complete`, `…/hover`, `…/signature` and `…/format`: what the editor asks; nothing is read from the store. */
export function languageRoutes(app: FastifyInstance): void {
  for (const [name, answer] of Object.entries(answers))
    app.post(`/api/query/${name}`, reading, async (request, reply) => {
      const read = languageRequest.safeParse(request.body)
      if (read.success) return await reply.send(answer(read.data))
      const message = 'the body must be {"query": "…", "offset"?: number}'
      return refuse(reply, 400, { code: 'BadArgumentError', message })
    })
}

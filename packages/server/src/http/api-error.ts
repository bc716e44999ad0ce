import { type Problem, problemsText } from '@tidemark/base'
import type { ApiError } from '@tidemark/model'
import type { FastifyReply } from 'fastify'

/** Answers with an error as Azure's clients read it. */
export function refuse(
  reply: FastifyReply,
  status: number,
  error: {
    readonly code: string
    readonly message: string
    readonly problems?: readonly Problem[]
    readonly innererror?: unknown
  },
): FastifyReply {
  const { code, message, problems = [], innererror } = error
  const body: ApiError = {
    error: {
      code,
      message: problems.length === 0 ? message : `${message}: ${problemsText(problems)}`,
      ...(problems.length === 0
        ? {}
        : { details: problems.map((problem) => ({ code, message: problem.message, target: problem.where })) }),
      ...(innererror === undefined ? {} : { innererror }),
    },
  }
  return reply.code(status).send(body)
}

/** The bearer token of a request, `undefined` where there is none. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([^\s]+)\s*$/i.exec(authorization ?? '')?.[1]
}

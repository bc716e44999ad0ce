/** Every code of `AgentError`; the README's table says when each comes. */
export const agentErrorCodes = [
  'not-registered',
  'registration-invalid',
  'sockets-held',
  'sink-unusable',
  'settings-invalid',
  'enrolment-refused',
  'server-away',
] as const
export type AgentErrorCode = (typeof agentErrorCodes)[number]

/** What keeps the agent from running here. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: AgentErrorCode

  constructor(code: AgentErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.code = code
  }
}

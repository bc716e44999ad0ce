/** Stable reasons of a `ForwardError`; told in the package's README. */
export const forwardErrorCodes = [
  'address-in-use',
  'address-refused',
  'unreachable',
  'timed-out',
  'closed',
  'answer-too-long',
] as const
export type ForwardErrorCode = (typeof forwardErrorCodes)[number]

/** What went wrong on a Forward socket, with its origin in `cause`. */
export class ForwardError extends Error {
  override readonly name = 'ForwardError'
  readonly code: ForwardErrorCode

  constructor(code: ForwardErrorCode, message: string, options?: { cause: unknown }) {
    super(message, options)
    this.code = code
  }
}

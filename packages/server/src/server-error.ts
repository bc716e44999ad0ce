/** Every code of `ServerError`; the README's table says when each comes. */
export const serverErrorCodes = [
  'address-in-use',
  'state-unusable',
  'store-failed',
  'tls-unusable',
  'backup-unusable',
] as const
export type ServerErrorCode = (typeof serverErrorCodes)[number]

/** What keeps the server from running, or from doing what it was asked. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: ServerErrorCode

  constructor(code: ServerErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.code = code
  }
}

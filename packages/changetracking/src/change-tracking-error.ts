/** Every code of `ChangeTrackingError`; the README's table says when each comes. */
export const changeTrackingErrorCodes = ['already-running', 'state-unusable', 'bus-failed'] as const
export type ChangeTrackingErrorCode = (typeof changeTrackingErrorCodes)[number]

/** What keeps change tracking from running here. */
export class ChangeTrackingError extends Error {
  override readonly name = 'ChangeTrackingError'
  readonly code: ChangeTrackingErrorCode

  constructor(code: ChangeTrackingErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** Every code of `LinuxError`; the README's table says when each comes. */
export const linuxErrorCodes = ['not-linux', 'library-missing', 'call-failed'] as const
export type LinuxErrorCode = (typeof linuxErrorCodes)[number]

/** The kernel or the C library said no. */
export class LinuxError extends Error {
  override readonly name = 'LinuxError'
  readonly code: LinuxErrorCode
  /** The kernel's number, such as 9 (EBADF), where a call failed. */
  readonly errno: number | undefined

  constructor(
    code: LinuxErrorCode,
    message: string,
    options: { readonly errno?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.errno = options.errno
  }
}

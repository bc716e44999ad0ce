/** Why a database refused; stable, for programs. The table in the package's README says what to do about each. */
export type BoltErrorCode =
  | 'not-a-database'
  | 'version-unknown'
  | 'meta-damaged'
  | 'file-truncated'
  | 'page-damaged'
  | 'freelist-damaged'
  | 'io-failed'
  | 'commit-unknown'
  | 'locked'
  | 'closed'
  | 'busy'
  | 'transaction-closed'
  | 'transaction-read-only'
  | 'callback-async'
  | 'key-required'
  | 'key-too-large'
  | 'value-too-large'
  | 'bucket-exists'
  | 'bucket-not-found'
  | 'incompatible-value'
  | 'option-invalid'

/** The one error class of this package. `pageId` is set where a page of the file is to blame. */
export class BoltError extends Error {
  override readonly name = 'BoltError'
  readonly code: BoltErrorCode
  readonly pageId: number | undefined

  constructor(code: BoltErrorCode, message: string, options?: ErrorOptions & { readonly pageId?: number }) {
    super(message, options)
    this.code = code
    this.pageId = options?.pageId
  }
}

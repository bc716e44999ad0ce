// Codes of PostgreSQL's Appendix A; classes are their first two characters.
const UNIQUE_VIOLATION = '23505'
const FOREIGN_KEY_VIOLATION = '23503'
const SERIALIZATION_FAILURE = '40001'
const DEADLOCK_DETECTED = '40P01'
/** connection_exception, insufficient_resources, operator_intervention (57014, query_canceled, is no outage). */
const AWAY_CLASSES: ReadonlySet<string> = new Set(['08', '53', '57'])
const QUERY_CANCELED = '57014'

/** Of the socket (Node), where it tells that nobody is there, or nobody any more. */
const SOCKET_CODES: ReadonlySet<string> = new Set(
  'ECONNREFUSED ECONNRESET EPIPE ENOENT ENOTFOUND EAI_AGAIN ETIMEDOUT EHOSTUNREACH ENETUNREACH ECONNABORTED'.split(' '),
)

/** Whether the database is away, or went away meanwhile: what was asked for may go well later. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error)
  if (code !== undefined)
    return SOCKET_CODES.has(code) || (AWAY_CLASSES.has(code.slice(0, 2)) && code !== QUERY_CANCELED)
  // What the client itself says has no code.
  return error instanceof Error && /connection (terminated|error)|timeout expired|not queryable/i.test(error.message)
}

/** Whether others changed at once what this one read: it was undone whole, and may be done again. */
export function isInTheWay(error: unknown): boolean {
  const code = codeOf(error)
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED
}

/** Whether the tables forbid it. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error)
  return code === UNIQUE_VIOLATION || code === FOREIGN_KEY_VIOLATION
}

/** Whether the mark of a change is there already (postgres-metadata.ts). */
export function isMarked(error: unknown): boolean {
  return (
    isConflict(error) && error instanceof Error && 'constraint' in error && error.constraint === 'tidemark_change_id'
  )
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What an error says; several addresses that were tried say it each (AggregateError). */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(wordsOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

/** A moment as Forward writes it. Integer times have no nanoseconds. */
export interface ForwardTime {
  readonly seconds: number
  readonly nanoseconds: number
}

/** One record and its time. The record is a map with text keys; what its values may be is the receiver's business. */
export interface ForwardEntry {
  readonly time: ForwardTime
  readonly record: Readonly<Record<string, unknown>>
}

/** What one frame of data says, whichever of the four modes it came in. */
export interface ForwardMessage {
  readonly tag: string
  readonly entries: readonly ForwardEntry[]
  /** Asks for `{"ack": chunk}` once the entries are safe. */
  readonly chunk?: string
}

/** What a stream of bytes turned out to be. After `malformed` nothing more can be read from it. */
export type ForwardEvent =
  | { readonly kind: 'message'; readonly message: ForwardMessage; readonly bytes: number }
  | { readonly kind: 'request'; readonly text: string }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'malformed'; readonly offset: number; readonly reason: string }

/** The moment of a time in milliseconds since 1970. */
export function forwardTime(momentMs: number): ForwardTime {
  const seconds = Math.floor(momentMs / 1000)
  return { seconds, nanoseconds: Math.round((momentMs - seconds * 1000) * 1_000_000) }
}

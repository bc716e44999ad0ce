/** What one peer may ask for. Beyond a limit its connection is closed; nobody else notices. */
export interface ForwardLimits {
  /** Bytes of one top-level value. */
  readonly frameBytesMax: number
  /** Bytes of a compressed frame's entries after decompression. */
  readonly unpackedBytesMax: number
  /** Entries of one message. */
  readonly entriesMax: number
  /** Values in a frame, those inside of maps and arrays and of packed entries among them. */
  readonly valuesMax: number
  /** Maps and arrays inside one another. */
  readonly depthMax: number
  /** Connections at a time. */
  readonly connectionsMax: number
  /** Bytes of begun frames of all connections; beyond it the one with the most is closed. */
  readonly begunBytesMax: number
  /** Messages of one connection that are handed over before the first has its ack. */
  readonly messagesUnderWayMax: number
  /** Milliseconds in which a begun frame must be complete, and in which a peer must have read its answer. */
  readonly frameMsMax: number
}

/** The limits where nothing else is said. */
export const forwardLimits: ForwardLimits = {
  frameBytesMax: 8 * 1024 * 1024,
  unpackedBytesMax: 32 * 1024 * 1024,
  entriesMax: 100_000,
  valuesMax: 2_000_000,
  depthMax: 32,
  connectionsMax: 64,
  begunBytesMax: 32 * 1024 * 1024,
  messagesUnderWayMax: 1_000,
  frameMsMax: 60_000,
}

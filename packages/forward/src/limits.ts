/** What one peer may ask for. Beyond a limit its connection is closed; nobody else notices. */
export interface ForwardLimits {
  /** Bytes of one top-level value. */
  readonly frameBytesMax: number
  /** Bytes of a compressed frame's entries after decompression. */
  readonly unpackedBytesMax: number
  /** Entries of one message. */
  readonly entriesMax: number
  /** Maps and arrays inside one another. */
  readonly depthMax: number
  /** Connections at a time. */
  readonly connectionsMax: number
  /** Milliseconds in which a begun frame must be complete. */
  readonly frameMsMax: number
}

/** The limits where nothing else is said. */
export const forwardLimits: ForwardLimits = {
  frameBytesMax: 8 * 1024 * 1024,
  unpackedBytesMax: 32 * 1024 * 1024,
  entriesMax: 100_000,
  depthMax: 32,
  connectionsMax: 64,
  frameMsMax: 60_000,
}

/** Bytes of `sun_path` in a Linux socket address (unix(7)). */
export const SUN_PATH_BYTES = 108

/**
 * The abstract unix address of a name, for `net.connect` and `server.listen`: a NUL, the name, and NULs up to the full
 * 108 bytes of `sun_path`. Abstract addresses are compared by their whole length, so a client that does not pad meets
 * a different socket. Node 20 pads by itself and Node 24 does not; padding twice changes nothing.
 */
export function abstractAddress(name: string): string {
  const length = Buffer.byteLength(name)
  if (length === 0 || length >= SUN_PATH_BYTES) {
    throw new RangeError(`the socket name "${name}" has ${length} bytes; 1 to ${SUN_PATH_BYTES - 1} fit`)
  }
  return `\0${name}${'\0'.repeat(SUN_PATH_BYTES - 1 - length)}`
}

/** The abstract address of a name, or its file in `directory` where abstract sockets are not wanted. */
export function socketAddress(name: string, directory?: string): string {
  return directory === undefined ? abstractAddress(name) : `${directory}/${name}`
}

/** Whether an address is a file on disk. */
export function isFileAddress(address: string): boolean {
  return !address.startsWith('\0')
}

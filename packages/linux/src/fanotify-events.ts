/** What happened, as bits of an event's mask: fanotify(7) and inotify(7) share the lower ones. */
export const happened = {
  modify: 0x2,
  attributes: 0x4,
  closeWrite: 0x8,
  movedFrom: 0x40,
  movedTo: 0x80,
  create: 0x100,
  delete: 0x200,
  deleteSelf: 0x400,
  moveSelf: 0x800,
  openExec: 0x1000,
  unmount: 0x2000,
  overflow: 0x4000,
  ignored: 0x8000,
  onDirectory: 0x4000_0000,
} as const

/** One event of a fanotify group. */
export interface FanotifyEvent {
  /** Bits of `happened`; several where the kernel merged events of one process on one name. */
  readonly mask: number
  /** Process that did it, 0 where it is outside our process namespace. */
  readonly pid: number
  /** A descriptor of that process, ours to close; `pidfdGone` where it has ended, another negative where there is none. */
  readonly pidfd: number
  /** A descriptor of the file in groups without directory names, ours to close; negative where there is none. */
  readonly descriptor: number
  /**
   * Filesystem and handle of the directory, bytes as latin1 text: the key of a directory, and what `openDirectory` takes.
   * Empty where the event has none.
   */
  readonly directory: string
  /** The name in that directory, bytes as latin1 text; `.` for the directory itself. */
  readonly name: string
}

/** In place of a pidfd: the process has ended (FAN_NOPIDFD). */
export const pidfdGone = -1
/** In place of a pidfd: none could be made, or none was asked for (FAN_EPIDFD). */
const PIDFD_NONE = -2

// <linux/fanotify.h>
const METADATA_BYTES = 24
const METADATA_VERSION = 3
const INFO_HEADER_BYTES = 4
const INFO_DFID_NAME = 2
const INFO_DFID = 3
const INFO_PIDFD = 4
const FSID_BYTES = 8
const HANDLE_HEADER_BYTES = 8

/**
 * The events in what one read(2) gave. Bytes that make no sense end the list: what stands behind them has no known start.
 * Never throws.
 *
 *     event     ┌ event_len u32 ┬ vers u8 ┬ – u8 ┬ metadata_len u16 ┬ mask u64 ┬ fd i32 ┬ pid i32 ┬ info records … ┐
 *     info      ┌ type u8 ┬ pad u8 ┬ len u16 ┬ … ┐
 *     DFID_NAME ┌ header ┬ fsid 8 bytes ┬ handle_bytes u32 ┬ handle_type i32 ┬ handle … ┬ name … NUL ┐
 *     PIDFD     ┌ header ┬ pidfd i32 ┐          all in the machine's byte order, which is little-endian on x64 and arm64
 */
export function parseFanotifyEvents(bytes: Buffer): FanotifyEvent[] {
  const events: FanotifyEvent[] = []
  for (let at = 0; at + METADATA_BYTES <= bytes.length;) {
    const eventBytes = bytes.readUInt32LE(at)
    const metadataBytes = bytes.readUInt16LE(at + 6)
    const end = at + eventBytes
    if (bytes[at + 4] !== METADATA_VERSION || metadataBytes < METADATA_BYTES) break
    if (eventBytes < metadataBytes || end > bytes.length) break
    events.push(parseEvent(bytes, { at, infoAt: at + metadataBytes, end }))
    at = end
  }
  return events
}

function parseEvent(bytes: Buffer, span: { readonly at: number; readonly infoAt: number; readonly end: number }) {
  const { at, end } = span
  let pidfd = PIDFD_NONE
  let [directory, name] = ['', '']
  for (let info = span.infoAt; info + INFO_HEADER_BYTES <= end;) {
    const infoBytes = bytes.readUInt16LE(info + 2)
    const infoEnd = info + infoBytes
    if (infoBytes < INFO_HEADER_BYTES || infoEnd > end) break
    const type = bytes[info]
    if (type === INFO_PIDFD && infoBytes >= INFO_HEADER_BYTES + 4) pidfd = bytes.readInt32LE(info + INFO_HEADER_BYTES)
    else if (type === INFO_DFID_NAME || type === INFO_DFID) {
      const handleAt = info + INFO_HEADER_BYTES + FSID_BYTES
      if (handleAt + HANDLE_HEADER_BYTES <= infoEnd) {
        const nameAt = handleAt + HANDLE_HEADER_BYTES + bytes.readUInt32LE(handleAt)
        if (nameAt <= infoEnd) {
          directory = bytes.toString('latin1', info + INFO_HEADER_BYTES, nameAt)
          name = type === INFO_DFID ? '.' : nameIn(bytes, nameAt, infoEnd)
        }
      }
    }
    info = infoEnd
  }
  // The upper half of the mask has no bit that we ask for.
  const mask = bytes.readUInt32LE(at + 8)
  return { mask, pid: bytes.readInt32LE(at + 20), pidfd, descriptor: bytes.readInt32LE(at + 16), directory, name }
}

function nameIn(bytes: Buffer, from: number, to: number): string {
  let end = from
  while (end < to && bytes[end] !== 0) end += 1
  return bytes.toString('latin1', from, end)
}

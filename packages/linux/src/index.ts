export { closeDescriptors } from './descriptor.ts'
export { filesystemAt, filesystemOf, openDirectory } from './directory-handle.ts'
export { openFanotify } from './fanotify.ts'
export type { Fanotify } from './fanotify.ts'
export { happened, pidfdGone } from './fanotify-events.ts'
export type { FanotifyEvent } from './fanotify-events.ts'
export { lockFile } from './file-lock.ts'
export {
  closeDescriptor,
  errorNameOf,
  linkTargetAt,
  namesIn,
  NO_FOLDER,
  openFileAt,
  openFolderAt,
  PATH_BYTES_MAX,
  readAt,
  STATUS_BYTES,
  statusAt,
  statusOf,
} from './files.ts'
export type { LinkPolicy, NameKind } from './files.ts'
export { sendDatagram } from './notification.ts'
export { letGoOfCode, returnFreedMemory } from './free-memory.ts'
export { openInotify } from './inotify.ts'
export type { Inotify, InotifyEvent } from './inotify.ts'
export { LinuxError, linuxErrorCodes } from './linux-error.ts'
export type { LinuxErrorCode } from './linux-error.ts'
export { descriptorOf, peerCredentials } from './peer.ts'
export type { PeerCredentials } from './peer.ts'
export { extendedAttributes, extendedAttributesOf } from './xattrs.ts'
export type { ExtendedAttribute } from './xattrs.ts'
export { yieldToOthers } from './thread-priority.ts'
export { hasEnded, openWaker, waitFor, wakerOn } from './poll.ts'
export type { Awaited, Waker } from './poll.ts'
export { comeFirst } from './scheduling.ts'

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
export { LinuxError, linuxErrorCodes } from './linux-error.ts'
export type { LinuxErrorCode } from './linux-error.ts'
export { descriptorOf, peerCredentials } from './peer.ts'
export type { PeerCredentials } from './peer.ts'
export { extendedAttributes, extendedAttributesOf } from './xattrs.ts'
export type { ExtendedAttribute } from './xattrs.ts'
export { yieldToOthers } from './thread-priority.ts'

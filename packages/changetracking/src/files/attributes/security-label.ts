import { escapedText } from './shown-bytes.ts'

/**
 * The text of a security label (`security.selinux`, `security.SMACK64`, `security.apparmor`). The NULs that end it are
 * left out, for some writers store them and some do not; control characters and what is no UTF-8 come as `\xNN`.
 */
export function securityLabelText(bytes: Buffer): string {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return escapedText(bytes.subarray(0, end))
}

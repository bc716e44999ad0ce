import type { StoreFault } from '../ports.ts'

// Numbers of ClickHouse's src/Common/ErrorCodes.cpp.
const faults: ReadonlyMap<number, StoreFault> = new Map([
  // CANNOT_PARSE_… text, escape sequence, quoted string, input, date, datetime, number, uuid, bool; TYPE_MISMATCH,
  // ARGUMENT_OUT_OF_BOUND, INCORRECT_DATA, UNKNOWN_FIELD, TOO_LARGE_STRING_SIZE, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE.
  ...[6, 25, 26, 27, 38, 41, 53, 69, 72, 117, 131, 321, 376, 467].map((code) => [code, 'rows'] as const),
  // TIMEOUT_EXCEEDED
  [159, 'too-long'],
  // MEMORY_LIMIT_EXCEEDED, TOO_MANY_ROWS_OR_BYTES
  [241, 'too-large'],
  [396, 'too-large'],
  // NOT_ENOUGH_SPACE
  [243, 'no-room'],
])

/** What the system says where a disk, or a quota, is full: errno(3) ENOSPC and EDQUOT, as strerror(3) has them. */
const NO_ROOM = /No space left on device|Disk quota exceeded/

/** What an error of ClickHouse is about: by its number, and by its words where the number says only that it could not write. */
export function faultOf(code: number, reason = ''): StoreFault {
  return NO_ROOM.test(reason) ? 'no-room' : (faults.get(code) ?? 'other')
}

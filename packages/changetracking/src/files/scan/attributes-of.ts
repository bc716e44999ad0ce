import { extendedAttributesOf } from '@tidemark/linux'

import { type AttributeColumns, xattrColumns } from '../attributes/xattr-columns.ts'
import { bytesOf } from '../file-name.ts'
import type { Owners } from '../owners.ts'
import type { ReadAnswer } from './read-file.ts'
import type { FileRecord } from './record.ts'
import type { FoundPath } from './walk.ts'

/** The part of a record that its extended attributes make; empty where there are none. */
export function attributesOf(
  found: FoundPath,
  seen: { readonly answer: ReadAnswer | undefined; readonly before: FileRecord | undefined; readonly owners: Owners },
): { readonly attributes?: AttributeColumns } {
  const { answer, before, owners } = seen
  if (answer !== undefined && answer.error < 0) return before?.attributes ? { attributes: before.attributes } : {}
  const read = answer?.attributes ?? byPath(found)
  // What cannot be read stands as it was read last.
  if (read === undefined) return before?.attributes ? { attributes: before.attributes } : {}
  return read.length === 0 ? {} : { attributes: xattrColumns(read, owners) }
}

function byPath({ path }: FoundPath): ReadAnswer['attributes'] | undefined {
  try {
    return extendedAttributesOf(bytesOf(path))
  } catch {
    return undefined
  }
}

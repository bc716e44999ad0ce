import type { ChangeTrackingPlaces } from '@tidemark/model'

import { openReplacement } from '../host/folders.ts'
import type { KnownFiles } from '../files/scan/known-files.ts'

/** Files that are written before others have their turn. */
const PART = 1_000

/**
 * Writes `File.json`: the described fields of every file that is known, an array in the order of paths. Takes no more
 * memory however many there are; `breathe` is awaited after each part. A report that is not finished replaces nothing.
 */
export async function writeFilesReport(
  { filesJson }: Pick<ChangeTrackingPlaces, 'filesJson'>,
  known: KnownFiles,
  breathe: () => Promise<void>,
): Promise<void> {
  using file = openReplacement(filesJson)
  const cursor = known.stampsFrom('/')
  let lines: string[] = []
  let isFirst = true
  while (cursor.next()) {
    const value = known.record(cursor.path)
    if (value === undefined) continue
    lines.push(describedOnly(value))
    if (lines.length < PART) continue
    file.write(`${isFirst ? '[\n' : ',\n'}${lines.join(',\n')}`)
    ;[lines, isFirst] = [[], false]
    await breathe()
  }
  file.write(`${isFirst ? '[\n' : lines.length > 0 ? ',\n' : ''}${lines.join(',\n')}\n]\n`)
  file.finish()
}

/** A value without our own part, which stands last. */
function describedOnly(value: string): string {
  const { Tidemark: _ours, ...described } = JSON.parse(value)
  return JSON.stringify(described)
}

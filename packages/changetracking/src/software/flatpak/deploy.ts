/** What flatpak's `deploy` file of an installed app or runtime says. */
export interface DeployFacts {
  /** The remote it came from. */
  readonly origin: string
  /** The OSTree commit, 64 hex digits. */
  readonly commit: string
  readonly installedBytes: number
  /** Texts of its dictionary, such as `appdata-version`. */
  readonly texts: ReadonlyMap<string, string>
}

/**
 * Reads a `deploy` file: a GVariant of type `(ssasta{sv})` (flatpak's FLATPAK_DEPLOY_DATA_GVARIANT_STRING), with the size in
 * big-endian. `undefined` where it is none. Total.
 *
 *     ┌ origin NUL ┬ commit NUL ┬ subpaths ┬ to 8 ┬ size u64 ┬ dictionary … ┬ ends of subpaths, commit, origin ┐
 *
 * An end takes 1, 2, 4 or 8 bytes, by the size of what it stands in (GVariant Specification, 2.3.6 and 2.5.3).
 */
export function parseDeploy(bytes: Buffer): DeployFacts | undefined {
  const width = widthOf(bytes.length)
  if (bytes.length < 3 * width + 8) return undefined
  const [originEnd, commitEnd, pathsEnd] = [1, 2, 3].map((number) => endAt(bytes, bytes.length - number * width, width))
  if (originEnd === undefined || commitEnd === undefined || pathsEnd === undefined) return undefined
  const sizeAt = aligned(pathsEnd)
  const dictionaryEnd = bytes.length - 3 * width
  if (!(originEnd <= commitEnd && commitEnd <= pathsEnd && sizeAt + 8 <= dictionaryEnd)) return undefined
  const origin = textOf(bytes.subarray(0, originEnd))
  const commit = textOf(bytes.subarray(originEnd, commitEnd))
  if (origin === undefined || commit === undefined) return undefined
  const texts = new Map<string, string>()
  for (const entry of elementsOf(bytes.subarray(sizeAt + 8, dictionaryEnd))) {
    const read = textEntry(entry)
    if (read !== undefined) texts.set(...read)
  }
  return { origin, commit, installedBytes: Number(bytes.readBigUInt64BE(sizeAt)), texts }
}

/** The elements of an array of dictionary entries: their ends stand in a table behind them. */
function elementsOf(array: Buffer): Buffer[] {
  const width = widthOf(array.length)
  const tableAt = array.length === 0 ? undefined : endAt(array, array.length - width, width)
  if (tableAt === undefined || tableAt > array.length) return []
  const elements: Buffer[] = []
  let start = 0
  for (let at = tableAt; at + width <= array.length; at += width) {
    const end = endAt(array, at, width) ?? 0
    if (end < start || end > tableAt) return elements
    elements.push(array.subarray(start, end))
    start = aligned(end)
  }
  return elements
}

/** Key and value of `{sv}` where the value is text. */
function textEntry(entry: Buffer): [string, string] | undefined {
  const width = widthOf(entry.length)
  const keyEnd = entry.length === 0 ? undefined : endAt(entry, entry.length - width, width)
  if (keyEnd === undefined || keyEnd > entry.length - width) return undefined
  const value = entry.subarray(aligned(keyEnd), entry.length - width)
  // A variant: the value, NUL, its type.
  const typeAt = value.lastIndexOf(0)
  const key = textOf(entry.subarray(0, keyEnd))
  if (typeAt < 0 || value.toString('latin1', typeAt + 1) !== 's' || key === undefined) return undefined
  const text = textOf(value.subarray(0, typeAt))
  return text === undefined ? undefined : [key, text]
}

function textOf(bytes: Buffer): string | undefined {
  return bytes.at(-1) === 0 ? bytes.toString('utf8', 0, bytes.length - 1) : undefined
}

function widthOf(length: number): 1 | 2 | 4 | 8 {
  if (length <= 0xff) return 1
  if (length <= 0xffff) return 2
  return length <= 0xffff_ffff ? 4 : 8
}

function endAt(bytes: Buffer, at: number, width: 1 | 2 | 4 | 8): number | undefined {
  if (at < 0 || at + width > bytes.length) return undefined
  return width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, width)
}

function aligned(at: number): number {
  return Math.ceil(at / 8) * 8
}

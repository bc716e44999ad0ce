import { type Bolt, type Cursor, openBolt } from '@tidemark/bolt'

import type { KnownCursor, KnownFiles } from '../files/scan/known-files.ts'

const EMPTY = Buffer.alloc(0)

/** The files of a state that is open in this process. Disposing lets go of the state that it sees. */
export function knownFilesOf(bolt: Bolt): KnownFiles & Disposable {
  const snapshot = bolt.snapshot()
  const bucket = (name: string) => snapshot.transaction.bucket(name)
  let opened: BoltValues | undefined
  const values = (): BoltValues | undefined => {
    const files = opened === undefined ? bucket('Files') : undefined
    if (files !== undefined) opened = new BoltValues(files.cursor({ isLent: true }))
    return opened
  }
  return {
    stampsFrom: (path) => {
      const stamps = bucket('FileStamps')
      return stamps === undefined ? NOTHING : new BoltCursor(stamps.cursor({ isLent: true }), path)
    },
    record: (path) => values()?.at(path)?.toString('utf8'),
    hasInRecord: (path, text) => values()?.at(path)?.includes(text, 0, 'latin1') === true,
    [Symbol.dispose]: () => snapshot[Symbol.dispose](),
  }
}

/**
 * The same for another thread than the one that has the state open. That one must hold `knownFiles()` open meanwhile:
 * pages that its snapshot sees are not written over, and neither are those of any later state.
 */
export function openKnownFiles(path: string): KnownFiles & Disposable {
  const bolt = openBolt(path, { readOnly: true })
  const known = knownFilesOf(bolt)
  return {
    stampsFrom: (from) => known.stampsFrom(from),
    record: (each) => known.record(each),
    hasInRecord: (each, text) => known.hasInRecord(each, text),
    [Symbol.dispose]: () => {
      known[Symbol.dispose]()
      bolt.close()
    },
  }
}

const NOTHING: KnownCursor = { next: () => false, path: '', stamp: EMPTY }

/** Values by path. Who asks in the order of the paths, as a scan does, gets the next one without a search. */
class BoltValues {
  readonly #cursor: Cursor

  constructor(cursor: Cursor) {
    this.#cursor = cursor
  }

  /** A view that is of use until the next call. */
  at(path: string): Buffer | undefined {
    const key = Buffer.from(path, 'latin1')
    let entry = this.#cursor.next()
    if (entry === undefined || key.compare(entry.key) !== 0) entry = this.#cursor.seek(key)
    if (entry?.value === undefined || key.compare(entry.key) !== 0) return undefined
    return Buffer.from(entry.value.buffer, entry.value.byteOffset, entry.value.byteLength)
  }
}

class BoltCursor implements KnownCursor {
  readonly #cursor: Cursor
  readonly #from: string
  #isBegun = false
  path = ''
  stamp: Uint8Array = EMPTY

  constructor(cursor: Cursor, from: string) {
    this.#cursor = cursor
    this.#from = from
  }

  next(): boolean {
    const entry = this.#isBegun ? this.#cursor.next() : this.#cursor.seek(Buffer.from(this.#from, 'latin1'))
    this.#isBegun = true
    if (entry === undefined) return false
    const { key, value = EMPTY } = entry
    this.path = latin1Of(key)
    this.stamp = value
    return true
  }
}

// Without a Buffer around each key: there are as many as there are files.
const slice: unknown = Reflect.get(Buffer.prototype, 'latin1Slice')

/** One character for each byte. */
function latin1Of(bytes: Uint8Array): string {
  if (typeof slice === 'function') return String(Reflect.apply(slice, bytes, [0, bytes.length]))
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

import { type Bolt, type Cursor, openBolt } from '@tidemark/bolt'

import type { KnownCursor, KnownFiles } from '../files/scan/known-files.ts'

const EMPTY = Buffer.alloc(0)

/** The files of a state that is open in this process. Disposing lets go of the state that it sees. */
export function knownFilesOf(bolt: Bolt): KnownFiles & Disposable {
  const snapshot = bolt.snapshot()
  const bucket = (name: string) => snapshot.transaction.bucket(name)
  return {
    stampsFrom: (path) => {
      const stamps = bucket('FileStamps')
      return stamps === undefined ? NOTHING : new BoltCursor(stamps.cursor({ isLent: true }), path)
    },
    record: (path) => {
      const value = bucket('Files')?.get(Buffer.from(path, 'latin1'))
      return value === undefined ? undefined : Buffer.from(value).toString('utf8')
    },
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
    [Symbol.dispose]: () => {
      known[Symbol.dispose]()
      bolt.close()
    },
  }
}

const NOTHING: KnownCursor = { next: () => false, path: '', stamp: EMPTY }

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

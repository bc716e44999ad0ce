import type { Bucket } from '../bucket.ts'
import type { Transaction } from '../transaction.ts'

/** A database's content as the judge (`main.go`) prints it: one line a bucket or value, outer before inner, in order. */
export interface Line {
  readonly path: readonly string[]
  readonly key: string
  readonly value: string | null
  readonly isBucket: boolean
  readonly sequence: number
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** All that a transaction sees. */
export function linesOf(transaction: Transaction): Line[] {
  const lines: Line[] = []
  for (const name of transaction.bucketNames()) addBucket(lines, [], name, transaction.bucket(name))
  return lines
}

function addBucket(lines: Line[], path: readonly string[], name: Uint8Array, bucket: Bucket | undefined): void {
  if (bucket === undefined) throw new Error('a name that was listed is not there')
  lines.push({ path, key: base64(name), value: null, isBucket: true, sequence: Number(bucket.sequence) })
  const inside = [...path, base64(name)]
  for (const { key, value } of bucket.entries()) {
    if (value === undefined) addBucket(lines, inside, key, bucket.bucket(key))
    else lines.push({ path: inside, key: base64(key), value: base64(value), isBucket: false, sequence: 0 })
  }
}

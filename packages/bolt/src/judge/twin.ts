import { base64, type Line } from './lines.ts'

/** What a bucket should hold, in the plainest way: maps, sorted when asked. */
export class Twin {
  sequence = 0
  readonly values = new Map<string, Uint8Array>()
  readonly buckets = new Map<string, Twin>()

  copy(): Twin {
    const twin = new Twin()
    twin.sequence = this.sequence
    for (const [key, value] of this.values) twin.values.set(key, value)
    for (const [key, bucket] of this.buckets) twin.buckets.set(key, bucket.copy())
    return twin
  }

  /** Keys are ASCII in these tests, so that text sorts as bytes do. */
  keys(): string[] {
    return [...this.values.keys(), ...this.buckets.keys()].toSorted()
  }

  lines(path: readonly string[] = []): Line[] {
    return this.keys().flatMap((name): Line[] => {
      const key = base64(Buffer.from(name))
      const value = this.values.get(name)
      if (value !== undefined) return [{ path, key, value: base64(value), isBucket: false, sequence: 0 }]
      const bucket = this.buckets.get(name)
      if (bucket === undefined) return []
      const line: Line = { path, key, value: null, isBucket: true, sequence: bucket.sequence }
      return [line, ...bucket.lines([...path, key])]
    })
  }
}

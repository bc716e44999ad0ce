import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Bytes that the young generation of a thread may take, about. */
const YOUNG_BYTES_MAX = 16 * 1024 * 1024

/**
 * Keeps V8's young generation from growing further once it is large enough: it would take up to 96 MiB where much is
 * allocated and soon forgotten, as in a scan, and give none of it back. To be asked now and then; true when it is done.
 */
export function limitYoungMemory(): boolean {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  if (young === undefined || young.space_size < YOUNG_BYTES_MAX) return false
  setFlagsFromString('--semi-space-growth-factor=1')
  return true
}

/** Lets the rest of the heap grow by a fifth only before it is collected, instead of to twice its size and more. */
export function keepHeapTight(): void {
  setFlagsFromString('--heap-growing-percent=60')
}

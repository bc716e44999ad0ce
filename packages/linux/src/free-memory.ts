import { readFileSync } from 'node:fs'

import { libcFunction } from './libc.ts'
import { LinuxError } from './linux-error.ts'

const trim: () => (pad: number) => number = libcFunction('int malloc_trim(size_t pad)')
const advise: () => (address: bigint, bytes: bigint, advice: number) => number = libcFunction(
  'int madvise(uintptr_t address, size_t bytes, int advice)',
)

// <asm-generic/mman-common.h>
const MADV_DONTNEED = 4

/** Gives memory that was freed back to the system (malloc_trim(3)); false where the C library has no way to it, as musl. */
export function returnFreedMemory(): boolean {
  try {
    return trim()(0) === 1
  } catch (error) {
    if (error instanceof LinuxError && error.code === 'library-missing') return false
    throw error
  }
}

/**
 * Lets go of the program's own code (madvise(2), MADV_DONTNEED): what was needed for the start only is no longer counted as
 * ours, and what is needed again comes back from the file, which the system still has in memory. Returns how many bytes of
 * address space were let go.
 */
export function letGoOfCode(): number {
  const areas = codeAreas(readFileSync('/proc/self/maps', 'latin1'), process.execPath)
  return areas.reduce(
    (sum, { start, end }) => (advise()(start, end - start, MADV_DONTNEED) === 0 ? sum + Number(end - start) : sum),
    0,
  )
}

/**
 * Where a program's code is, from the text of /proc/PID/maps (proc_pid_maps(5)). Only what can be executed and cannot be
 * written counts: nothing of it was changed since it was read, so that the file has all of it.
 *
 *     0074a000-03044000 r-xp 0034a000 fe:00 1234   /usr/lib/tidemark/bin/node
 */
export function codeAreas(maps: string, program: string): { readonly start: bigint; readonly end: bigint }[] {
  return maps.split('\n').flatMap((line) => {
    const [, start, end, path] = /^([0-9a-f]+)-([0-9a-f]+) r-xp [0-9a-f]+ \S+ [1-9]\d* +(.+)$/.exec(line) ?? []
    return start !== undefined && path === program ? [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }] : []
  })
}

import { PackageError } from './facts.ts'

// e_machine (elf.h).
const MACHINES: Readonly<Record<number, 'x64' | 'arm64'>> = { 62: 'x64', 183: 'arm64' }
const PT_LOAD = 1
const HEADER_BYTES = 64

/** Which processor an executable is for; throws `PackageError` for what is no 64-bit little-endian ELF of a known one. */
export function machineOf(bytes: Buffer): 'x64' | 'arm64' {
  const isElf = bytes.length >= HEADER_BYTES && bytes.subarray(0, 6).equals(Buffer.from('\x7fELF\x02\x01', 'latin1'))
  const machine = isElf ? MACHINES[bytes.readUInt16LE(18)] : undefined
  if (machine === undefined) throw new PackageError('no executable for x64 or arm64')
  return machine
}

/**
 * An executable without what only debuggers read: symbol table, debug sections, section headers. What the kernel maps (its
 * PT_LOAD segments, elf(5)) stays byte for byte. Throws `PackageError` for what is no such file.
 *
 *     ┌ header ┬ program headers ┬ segments … ┬ sections that are not loaded ┬ section headers ┐
 *                                             └ cut from here ──────────────────────────────────
 */
export function trimmed(bytes: Buffer): Buffer {
  machineOf(bytes)
  const [start, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  if (count === 0 || start + size * count > bytes.length) throw new PackageError('an executable without program headers')
  let end = start + size * count
  for (let number = 0; number < count; number += 1) {
    const at = start + number * size
    // p_offset and p_filesz of Elf64_Phdr; every kind counts, for notes and the like need not be loaded.
    const segmentEnd = Number(bytes.readBigUInt64LE(at + 8) + bytes.readBigUInt64LE(at + 32))
    if (segmentEnd > bytes.length && bytes.readUInt32LE(at) === PT_LOAD) throw new PackageError('a torn executable')
    if (segmentEnd <= bytes.length) end = Math.max(end, segmentEnd)
  }
  const kept = Buffer.from(bytes.subarray(0, end))
  // e_shoff, e_shnum, e_shstrndx: there are no sections any more.
  kept.writeBigUInt64LE(0n, 40)
  kept.writeUInt16LE(0, 60)
  kept.writeUInt16LE(0, 62)
  return kept
}

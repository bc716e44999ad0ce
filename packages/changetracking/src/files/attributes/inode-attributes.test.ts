import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'

import { attributesText } from './inode-attributes.ts'

test.each([
  { name: 'nothing', statx: 0n, flags: 0, text: '' },
  { name: 'sorted', statx: 0x30n, flags: 0, text: 'append, immutable' },
  { name: 'told once, though both say so', statx: 0x10n, flags: 0x10, text: 'immutable' },
  { name: 'of both', statx: 0x10_0000n, flags: 0x80_0000, text: 'nocow, verity' },
  { name: 'DAX has two numbers', statx: 0x20_0000n, flags: 0x200_0000, text: 'dax' },
  { name: 'a mount is no attribute of a file', statx: 0x2000n, flags: 0, text: '' },
  { name: 'what ext4 notes for itself is none either', statx: 0n, flags: 0x1004_1000 | 0x8_0000, text: '' },
  { name: 'flags as a signed number', statx: 0n, flags: 0xc000_0010 | 0, text: 'casefold, immutable' },
  { name: 'bits beyond the words', statx: 2n ** 63n + 2n ** 40n + 0x40n, flags: 0, text: 'nodump' },
])('$name', ({ statx, flags, text }) => {
  expect(attributesText(statx, flags)).toBe(text)
})

test('any bits: never throws, sorted, each word once', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.integer(), (statx, flags) => {
      const words = attributesText(statx, flags).split(', ')
      expect(words).toEqual([...new Set(words)].toSorted())
    }),
  )
})

// Not where temporary files are: a file system in memory knows few attributes.
const folder = mkdtempSync('/var/tmp/tidemark-attributes-')
afterAll(() => {
  if (existsSync('/usr/bin/chattr')) execFileSync('chattr', ['-R', '-ia', folder], { stdio: 'ignore' })
  rmSync(folder, { recursive: true, force: true })
})

// statx(2) and FS_IOC_GETFLAGS by numbers, which perl can call without anything to compile.
const READ_BITS = `
  my ($number, $path) = @ARGV; my $out = "\\0" x 256; $path .= "\\0";
  syscall($number, -100, $path, 0x100, 0x7ff, $out) == 0 or die "statx: $!";
  open(my $file, '<', $ARGV[1]) or die $!; my $flags = pack('L', 0);
  ioctl($file, 0x80086601, $flags) or die "FS_IOC_GETFLAGS: $!";
  print unpack('Q', substr($out, 8, 8)), ' ', unpack('L', $flags);`

function bitsOf(path: string): { readonly statx: bigint; readonly flags: number } {
  const number = process.arch === 'arm64' ? '291' : '332'
  const output = execFileSync('perl', ['-e', READ_BITS, number, path], { encoding: 'utf8', stdio: 'pipe' })
  const [statx = '', flags = ''] = output.split(' ')
  return { statx: BigInt(statx), flags: Number(flags) }
}

/** The words of `lsattr -l` for what somebody set, and ours. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  Immutable: 'immutable',
  Append_Only: 'append',
  No_Dump: 'nodump',
  No_Atime: 'noatime',
  Synchronous_Updates: 'sync',
  Secure_Deletion: 'secure-delete',
  Undelete: 'undelete',
}

function judged(path: string): string[] {
  const words = execFileSync('lsattr', ['-l', path], { encoding: 'utf8' }).slice(path.length).trim()
  return words
    .split(', ')
    .flatMap((word) => LONG_NAMES[word] ?? [])
    .toSorted()
}

function whyNot(): string | undefined {
  if (!existsSync('/usr/bin/chattr')) return 'apt-get install e2fsprogs'
  const path = join(folder, 'probe')
  writeFileSync(path, '')
  try {
    execFileSync('chattr', ['+i', path], { stdio: 'pipe' })
    bitsOf(path)
    return undefined
  } catch {
    return `nobody may chattr +i in ${folder}: not root, or a file system without attributes`
  }
}

const missing = whyNot()

describe.skipIf(missing !== undefined)(`beside lsattr${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.each(['i', 'a', 'd', 'ad', 'Ai', 'S', 'suA', 'ia'])('chattr +%s', (letters) => {
    const path = join(folder, letters)
    writeFileSync(path, 'content')
    execFileSync('chattr', [`+${letters}`, path])
    const { statx, flags } = bitsOf(path)
    const expected = judged(path)
    expect(expected.length).toBeGreaterThan(0)
    expect(attributesText(statx, flags)).toBe(expected.join(', '))
    // statx alone tells those that it has a bit for.
    const known = expected.filter((word) => ['append', 'immutable', 'nodump'].includes(word))
    expect(attributesText(statx)).toBe(known.join(', '))
  })
})

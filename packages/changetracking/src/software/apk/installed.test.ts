import fc from 'fast-check'
import { expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'
import { parseApkInstalled } from './installed.ts'

// As apk-tools 2.14 wrote it on Alpine 3.20, shortened.
const musl = `C:Q1PvVVBAnlOaVtcTG1GtB29dYnY+A=
P:musl
V:1.2.5-r0
A:x86_64
S:407332
I:667648
T:the musl c library (libc) implementation
U:https://musl.libc.org/
L:MIT
o:musl
m:Timo Teräs <timo.teras@iki.fi>
t:1708976462
c:d7e7c6a1b1cf43d2f6c0a5b0b6a0a5a6e0e7a8b1
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1ChV2SoQ5pnGjcI+fy8K0D7IAJoI=
R:libc.musl-x86_64.so.1
a:0:0:777
Z:Q17yJ3JFNypA4mxhJJr0ou6CzsJVI=
`
const broken = 'P:busybox\nV:1.36.1-r29\nA:x86_64\nT:Size optimized toolbox\nI:946176\nf:fsS\n'

test('every package is read, and what apk says is broken', async () => {
  using machine = new TriedMachine({ 'lib/apk/db/installed': `${musl}\n${broken}\n` })
  const { items, gaps } = await machine.look()
  expect(gaps).toEqual([])
  expect(items.get('apk/musl')?.columns).toEqual({
    SoftwareName: 'musl',
    SoftwareDescription: 'the musl c library (libc) implementation',
    Publisher: 'Timo Teräs <timo.teras@iki.fi>',
    CurrentVersion: '1.2.5-r0',
    Architecture: 'x86_64',
    SoftwareType: 'Apk',
    SoftwareSource: 'apk',
    SoftwareStatus: 'installed',
    Size: 667_648,
  })
  expect(items.get('apk/busybox')?.columns.SoftwareStatus).toBe('installed, broken files, script')
  using newer = new TriedMachine({ 'usr/lib/apk/db/installed': `${musl}\n` })
  expect([...(await newer.look()).items.keys()]).toEqual(['apk/musl'])
})

test.each([
  { name: 'cut in a line', text: musl.slice(0, 99), problem: 'line 7: the file ends in the middle of a package' },
  { name: 'garbage', text: `${musl}\n\0\0\n`, problem: 'line 23: no letter with a colon begins this line' },
  {
    name: 'no version',
    text: `${musl}\nP:x\n\n`,
    problem: 'line 23: the package before has no name (P:) or no version (V:)',
  },
])('damage is told with its line, and what is known stays: $name', async ({ text, problem }) => {
  expect(parseApkInstalled(text)).toEqual({ kind: 'refused', problem })
  using machine = new TriedMachine({ 'lib/apk/db/installed': text })
  expect([...((await machine.look()).unseen ?? [])]).toEqual(['software:apk'])
})

test('no text makes it throw', () => {
  const lines = fc.constantFrom('P:a\n', 'V:1\n', '\n', 'x', ':')
  fc.assert(fc.property(fc.array(fc.oneof(lines, fc.string())), (texts) => void parseApkInstalled(texts.join(''))))
})

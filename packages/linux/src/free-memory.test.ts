import { execFileSync } from 'node:child_process'

import { expect, test } from 'vitest'

import { codeAreas } from './free-memory.ts'

const maps = [
  '00400000-0074a000 r--p 00000000 fe:00 12                                 /opt/node',
  '0074a000-03044000 r-xp 0034a000 fe:00 12                                 /opt/node',
  '03044000-03045000 rwxp 0034a000 fe:00 12                                 /opt/node',
  '03050000-03060000 r-xp 00000000 fe:00 13                                 /opt/node2',
  '7f0000000000-7f0000001000 r-xp 00000000 00:00 0 ',
  'nonsense',
].join('\n')

test('code is what can be executed and not written, of the program itself', () => {
  expect(codeAreas(maps, '/opt/node')).toEqual([{ start: 0x74a000n, end: 0x3044000n }])
  expect(codeAreas('', '/opt/node')).toEqual([])
})

test('a program goes on after it let go of its code, and takes less memory', () => {
  const program = `
    const { letGoOfCode, returnFreedMemory } = await import(${JSON.stringify(new URL('./free-memory.ts', import.meta.url).href)})
    const { readFileSync } = await import('node:fs')
    const code = () => Number(/^[0-9a-f]+-[0-9a-f]+ r-xp [^\\n]*\\/node\\n(?:.*\\n)*?Rss: +(\\d+)/m.exec(readFileSync('/proc/self/smaps', 'latin1'))?.[1])
    // Loads what is needed to measure, so that it is not counted.
    code(); returnFreedMemory(); letGoOfCode(); code()
    const before = code()
    const bytes = letGoOfCode()
    console.log(JSON.stringify({ before, after: code(), bytes, sum: [1, 2, 3].map((n) => n * 2).reduce((a, b) => a + b) }))`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  const { before, after, bytes, sum } = JSON.parse(said)
  expect(sum).toBe(12)
  expect(bytes).toBeGreaterThan(10_000_000)
  expect(before).toBeGreaterThan(0)
  expect(after).toBeLessThanOrEqual(before)
})

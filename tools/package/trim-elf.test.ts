import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'
import fc from 'fast-check'

import { machineOf, trimmed } from './trim-elf.ts'

const node = readFileSync(process.execPath)

test('Node without its symbols is smaller, and runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-elf-'))
  try {
    const path = join(folder, 'node')
    writeFileSync(path, trimmed(node))
    chmodSync(path, 0o755)
    expect(statSync(path).size).toBeLessThan(node.length - 10_000_000)
    const said = execFileSync(path, ['-p', 'process.version + require("node:os").arch()'], { encoding: 'utf8' })
    expect(said.trim()).toBe(process.version + process.arch)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is mapped stays byte for byte, and a second time changes nothing', () => {
  const once = trimmed(node)
  // The header alone tells of sections that are no more.
  expect(once.subarray(64).equals(node.subarray(64, once.length))).toBe(true)
  expect(trimmed(once).equals(once)).toBe(true)
  expect(machineOf(once)).toBe(process.arch)
})

test.each([
  { name: 'nothing', bytes: Buffer.alloc(0) },
  { name: 'a text', bytes: Buffer.from('#!/bin/sh\n'.repeat(10)) },
  { name: 'another processor', bytes: Buffer.from(node.subarray(0, 4096)).fill(0, 18, 20) },
  { name: 'no program headers', bytes: Buffer.from(node.subarray(0, 64)) },
  { name: 'a torn file', bytes: node.subarray(0, 8192) },
])('$name is refused', ({ bytes }) => {
  expect(() => trimmed(bytes)).toThrow(/executable/)
})

test('any bytes behind a header give an executable or a refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 512 }), (bytes) => {
      const file = Buffer.from(bytes)
      file.write('\x7fELF\x02\x01', 'latin1')
      file.writeUInt16LE(62, 18)
      try {
        expect(trimmed(file).length).toBeLessThanOrEqual(file.length)
      } catch (error) {
        expect(String(error)).toMatch(/executable/)
      }
    }),
  )
})

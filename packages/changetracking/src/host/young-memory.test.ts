import { execFileSync } from 'node:child_process'

import { expect, test } from 'vitest'

// V8's flags are those of the whole process: each case has one of its own.
const program = (isLimited: boolean): string => `
  const { getHeapSpaceStatistics } = await import('node:v8')
  const { keepHeapTight, limitYoungMemory } = await import(${JSON.stringify(new URL('./young-memory.ts', import.meta.url).href)})
  const early = limitYoungMemory()
  if (${isLimited}) keepHeapTight()
  let isDone = false
  let kept = []
  for (let round = 0; round < 300; round += 1) {
    kept = Array.from({ length: 20_000 }, (_, index) => ({ index, text: 'n' + index }))
    if (${isLimited}) isDone ||= limitYoungMemory()
  }
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  console.log(JSON.stringify({ early, isDone, kept: kept.length, bytes: young.space_size }))
`
const MEBIBYTE = 1024 * 1024

function run(isLimited: boolean): { early: boolean; isDone: boolean; bytes: number } {
  const words = ['--input-type=module', '-e', program(isLimited)]
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }))
}

test('where much is allocated the young generation stays small, and grows where nobody keeps it from that', () => {
  const [limited, free] = [run(true), run(false)]
  expect([limited.early, limited.isDone]).toEqual([false, true])
  expect(limited.bytes).toBeLessThanOrEqual(24 * MEBIBYTE)
  expect(free.bytes).toBeGreaterThan(limited.bytes)
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { BoltFile } from './bolt-file.ts'

/** What every `BoltFile` keeps. `open` gives a new, empty file. */
export function describeBoltFile(name: string, open: () => BoltFile): void {
  describe(`a bolt file: ${name}`, () => {
    let file: BoltFile
    beforeEach(() => void (file = open()))
    afterEach(() => file.close())

    test('is empty at first, and a read tells that nothing is there', () => {
      expect(file.size()).toBe(0)
      expect(file.read(new Uint8Array(8), 0)).toBe(0)
    })

    test('gives back what was written, where it was written', () => {
      file.write(Uint8Array.of(1, 2, 3), 0)
      file.write(Uint8Array.of(9), 1)
      const into = new Uint8Array(3)
      expect([file.read(into, 0), [...into]]).toEqual([3, [1, 9, 3]])
    })

    test('fills a hole with zeros', () => {
      file.write(Uint8Array.of(7), 4)
      const into = new Uint8Array(5).fill(255)
      expect([file.size(), file.read(into, 0), [...into]]).toEqual([5, 5, [0, 0, 0, 0, 7]])
    })

    test('reads fewer bytes only at its end', () => {
      file.write(Uint8Array.of(1, 2, 3), 0)
      expect([
        file.read(new Uint8Array(8), 1),
        file.read(new Uint8Array(8), 3),
        file.read(new Uint8Array(8), 9),
      ]).toEqual([2, 0, 0])
    })

    test('grows and shrinks as told, and what is added reads as zeros', () => {
      file.write(Uint8Array.of(1, 2, 3, 4), 0)
      file.truncate(2)
      file.truncate(4)
      file.sync()
      const into = new Uint8Array(4)
      expect([file.read(into, 0), [...into]]).toEqual([4, [1, 2, 0, 0]])
    })
  })
}

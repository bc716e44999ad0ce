import { ManualClock } from '@tidemark/base/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseAptHistory } from './apt-history.ts'
import { parseDpkgLog } from './dpkg-log.ts'
import type { LogFiles } from './log-files.ts'
import { OperationLog } from './operation-log.ts'
import { parseOperationMemory } from './operation-memory.ts'
import { textSource } from './text-source.ts'

// Goal: each operation is told once, whatever happens to the logs and to us. Method: logs in memory, to which apt writes, which
// are rotated, packed, truncated and copied back, and a reader that starts anew at any moment with what it had kept.

const LOG = '/var/log/apt/history.log'

class Logs implements LogFiles {
  readonly files = new Map<string, { inode: string; text: string }>()
  isHeld = false
  #inodes = 0
  #seconds = 0

  append(path: string, text: string): void {
    const file = this.files.get(path) ?? { inode: String((this.#inodes += 1)), text: '' }
    this.files.set(path, { ...file, text: file.text + text })
  }

  replace(path: string, text: string): void {
    this.files.set(path, { inode: String((this.#inodes += 1)), text })
  }

  rotate(path: string, ending: '' | '.gz'): void {
    for (let number = 11; number >= 1; number -= 1)
      for (const each of ['', '.gz']) this.#move(`${path}.${number}${each}`, `${path}.${number + 1}${each}`)
    this.#move(path, `${path}.1${ending}`)
  }

  #move(from: string, to: string): void {
    const file = this.files.get(from)
    this.files.delete(from)
    if (file !== undefined) this.files.set(to, file)
  }

  nextDate(): string {
    this.#seconds += 1
    return new Date(Date.UTC(2026, 0, 1) + this.#seconds * 1_000).toISOString().slice(0, 19).replace('T', '  ')
  }

  status(path: string) {
    const file = this.files.get(path)
    return file && { inode: file.inode, sizeBytes: file.text.length, modifiedMs: file.text.length }
  }
  read(path: string, from: number, bytesMax: number): string {
    return (this.files.get(path)?.text ?? '').slice(from, from + bytesMax)
  }
  unpacked(path: string): string | undefined {
    return this.files.get(path)?.text
  }
  isLocked(): boolean {
    return this.isHeld
  }
}

class World {
  readonly logs = new Logs()
  readonly told: string[] = []
  memory = '{}'
  log = this.open()
  count = 0
  running: string | undefined

  open(): OperationLog {
    const readers = [
      textSource(this.logs, { source: 'apt', path: LOG, locks: ['/lock'], parse: parseAptHistory }),
      textSource(this.logs, { source: 'dpkg', path: '/var/log/dpkg.log', locks: ['/lock'], parse: parseDpkgLog }),
    ]
    return new OperationLog({
      files: this.logs,
      readers,
      clock: new ManualClock(0),
      memory: parseOperationMemory(this.memory),
    })
  }

  /** As `OperationTracking` does it: told and remembered at once. */
  tell(): void {
    this.log.refresh()
    const untold = this.log.untold()
    this.told.push(...untold.map(({ commandLine, outcome }) => `${commandLine} ${outcome}`))
    const memory = this.log.after(untold)
    this.memory = JSON.stringify(memory)
    this.log.remember(memory)
  }

  restart(): void {
    this.log = this.open()
  }

  begin(): void {
    if (this.running !== undefined) return
    this.count += 1
    this.running = `run ${this.count}`
    this.logs.isHeld = true
    this.logs.append(LOG, `\nStart-Date: ${this.logs.nextDate()}\nCommandline: ${this.running}\nInstall: a:amd64 (1)\n`)
  }

  end(): void {
    if (this.running === undefined) return
    this.logs.append(LOG, `End-Date: ${this.logs.nextDate()}\n`)
    this.kill()
  }

  kill(): void {
    this.running = undefined
    this.logs.isHeld = false
  }
}

test('each operation is told once, whatever is rotated and whenever it is read', () => {
  const act = fc.constantFrom('begin', 'end', 'kill', 'tell', 'restart', 'rotate', 'pack', 'end', 'begin')
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const world = new World()
      world.tell()
      const expected: string[] = []
      for (const each of acts) {
        const { running } = world
        if (each === 'end' && running !== undefined) expected.push(`${running} completed`)
        if (each === 'kill' && running !== undefined) expected.push(`${running} interrupted`)
        if (each !== 'rotate' && each !== 'pack') world[each]()
        // While apt has it open, the rest of its entry goes to the old log: that has a case of its own.
        else if (running === undefined && world.logs.files.has(LOG))
          world.logs.rotate(LOG, each === 'pack' ? '.gz' : '')
      }
      world.kill()
      if (expected.length < world.count) expected.push(`run ${world.count} interrupted`)
      world.tell()
      world.tell()
      // One that was cut off at the end of a rotated log is told when nobody is at work: perhaps behind a later one.
      expect(world.told.toSorted()).toEqual(expected.toSorted())
    }),
    { numRuns: 300 },
  )
})

describe('logs that are not what they were', () => {
  const withThree = (): World => {
    const world = new World()
    world.begin()
    world.end()
    world.tell()
    for (let times = 0; times < 2; times += 1) {
      world.begin()
      world.end()
    }
    return world
  }

  test('what was there before the first reading is known, and not told', () => {
    const world = withThree()
    world.tell()
    expect(world.told).toEqual(['run 2 completed', 'run 3 completed'])
    expect(world.log.recent.map(({ commandLine }) => commandLine)).toEqual(['run 1', 'run 2', 'run 3'])
  })

  test('copied back: what stands in it once more is not told once more', () => {
    const world = withThree()
    world.tell()
    world.logs.replace(LOG, world.logs.read(LOG, 0, 1e6))
    world.begin()
    world.end()
    world.tell()
    expect(world.told.slice(2)).toEqual(['run 4 completed'])
  })

  test('truncated: what is written from then on is told', () => {
    const world = withThree()
    world.tell()
    world.logs.replace(LOG, '')
    world.tell()
    world.begin()
    world.end()
    world.restart()
    world.tell()
    expect(world.told.slice(2)).toEqual(['run 4 completed'])
  })

  test('a log that comes into being later is told from its begin', () => {
    const world = new World()
    world.tell()
    world.restart()
    world.begin()
    world.end()
    world.tell()
    expect(world.told).toEqual(['run 1 completed'])
  })

  test('one that runs is known at once and told at its end; one that was killed, when nobody holds the lock', () => {
    const world = withThree()
    world.tell()
    world.begin()
    world.tell()
    expect(world.log.recent.at(-1)).toMatchObject({ commandLine: 'run 4', outcome: undefined })
    expect(world.told).toHaveLength(2)
    world.kill()
    world.tell()
    expect(world.told.slice(2)).toEqual(['run 4 interrupted'])
  })

  test('damage is told with its line, what is whole is told as it is', () => {
    const world = withThree()
    world.tell()
    world.logs.append(LOG, '\u0000\u0000broken\n')
    world.begin()
    world.end()
    world.tell()
    expect(world.log.troubles).toMatchObject([{ subject: 'operations of apt' }])
    expect(world.told.slice(2)).toEqual(['run 4 completed'])
  })

  test('rotated while apt runs: its end is written to the old log, and found there', () => {
    const world = withThree()
    world.begin()
    world.tell()
    world.logs.rotate(LOG, '')
    world.tell()
    world.logs.append(`${LOG}.1`, `End-Date: ${world.logs.nextDate()}\n`)
    world.kill()
    world.begin()
    world.end()
    world.tell()
    expect(world.told).toEqual(['run 2 completed', 'run 3 completed', 'run 4 completed', 'run 5 completed'])
  })

  test('nothing new: nothing is read', () => {
    const world = withThree()
    world.tell()
    expect(world.log.refresh()).toBe(false)
  })
})

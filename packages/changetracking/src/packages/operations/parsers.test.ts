import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseAptHistory } from './apt-history.ts'
import { partRuns } from './by-hand.ts'
import { compareDebianVersions } from './debian-version.ts'
import { parseDpkgLog } from './dpkg-log.ts'
import { localTimeMs } from './local-time.ts'
import { parsePacmanLog } from './pacman-log.ts'

const fixture = (path: string): string =>
  readFileSync(new URL(`fixtures/debian-12/var/log/${path}`, import.meta.url), 'latin1')
const history = fixture('apt/history.log')
const dpkgLog = fixture('dpkg.log')
const pacmanLog = `[2026-03-02T08:00:00+0000] [PACMAN] Running 'pacman -Syu --noconfirm'
[2026-03-02T08:00:02+0000] [ALPM] transaction started
[2026-03-02T08:00:02+0000] [ALPM] upgraded quay (1.0-1 -> 1.1-1)
[2026-03-02T08:00:03+0000] [ALPM] installed buoy (2-1)
[2026-03-02T08:00:03+0000] [ALPM-SCRIPTLET] hello
[2026-03-02T08:00:04+0000] [ALPM] transaction completed
[2026-03-02T09:00:00+0000] [PACMAN] Running 'pacman -R buoy'
[2026-03-02T09:00:01+0000] [ALPM] transaction started
[2026-03-02T09:00:01+0000] [ALPM] removed buoy (2-1)
`
const parsers = { apt: parseAptHistory, dpkg: parseDpkgLog, pacman: parsePacmanLog }
const texts = { apt: history, dpkg: dpkgLog, pacman: pacmanLog }

describe('apt’s history', () => {
  const { operations, problems } = parseAptHistory(history)
  const told = operations.map(({ operation }) => operation)

  test('each entry is an operation with its packages; one without an end was interrupted, but for the last', () => {
    expect(problems).toEqual([])
    expect(told.map(({ outcome }) => outcome)).toEqual(['completed', 'failed', 'interrupted', undefined])
    expect(told[0]).toMatchObject({
      source: 'apt',
      startMs: localTimeMs('2026-03-02 08:15:01'),
      endMs: localTimeMs('2026-03-02 08:15:09'),
      commandLine: 'apt-get -qqy upgrade',
      requestedBy: 'mallory',
      requestedById: 1001,
    })
    expect(told[1]?.packages).toEqual([
      { name: 'harbour', architecture: 'amd64', action: 'install', to: '5.0+dfsg-1' },
      { name: 'libquay1', architecture: 'amd64', action: 'install', to: '0.9-3+b1', isAutomatic: true },
      { name: 'pilot', architecture: 'amd64', action: 'downgrade', from: '2.1-1', to: '2.0-1' },
      { name: 'buoy', architecture: 'amd64', action: 'reinstall', from: '1.4', to: '1.4' },
      { name: 'wreck', architecture: 'amd64', action: 'remove', from: '0.1-1' },
      { name: 'anchor', architecture: 'all', action: 'purge', from: '7' },
    ])
    expect(told[1]?.outcomeDetail).toBe('Sub-process /usr/bin/dpkg returned an error code (1)')
  })

  test('a password in a command line is not told', () => {
    expect(told[1]?.commandLine).toBe(
      'apt-get install -y harbour pilot=2.0-1 -o Acquire::http::Proxy=http://ann:[redacted]@proxy.example:3128',
    )
  })

  test('when nobody is at work, the last one was interrupted, too', () => {
    expect(parseAptHistory(history, { isOver: true }).operations.at(-1)?.operation.outcome).toBe('interrupted')
  })

  test('an operation is called the same from its begin to its end, and after it', () => {
    const begun = history.slice(0, history.indexOf('Error:'))
    expect(parseAptHistory(begun).operations[1]?.operation).toMatchObject({ id: told[1]?.id, outcome: undefined })
  })

  test('an impossible date and a damaged line are told with their lines, and the rest is read', () => {
    const damaged = history
      .replace('2026-03-02  08:15:01', '2026-13-45  99:99:99')
      .replace('wreck:amd64 (', 'wreck (((')
    const read = parseAptHistory(damaged)
    expect(read.problems.map(({ line }) => line)).toEqual([13, 2])
    expect(read.operations).toHaveLength(4)
    expect(read.operations[0]?.operation).toMatchObject({ startMs: undefined, packages: told[0]?.packages })
  })
})

describe('dpkg’s log', () => {
  const read = parseDpkgLog(dpkgLog, { isOver: true })

  test('each run is an operation; how it ended is told by where it left its packages', () => {
    expect(read.problems).toEqual([])
    expect(read.operations.map(({ operation }) => [operation.outcome, operation.packages])).toEqual([
      ['completed', [{ name: 'libquay1', architecture: 'amd64', action: 'install', to: '0.9-3+b1' }]],
      ['completed', [{ name: 'libquay1', architecture: 'amd64', action: 'configure', to: '0.9-3+b1' }]],
      ['failed', [{ name: 'lamp', architecture: 'amd64', action: 'downgrade', from: '2.0-1', to: '1.9-1' }]],
      ['completed', [{ name: 'rope', architecture: 'all', action: 'remove', from: '1' }]],
    ])
    expect(read.operations[2]?.operation.outcomeDetail).toBe('lamp:amd64 is half-configured')
  })

  test('killed while it unpacked: interrupted', () => {
    const cut = dpkgLog.slice(0, dpkgLog.indexOf('2026-03-02 10:00:01 status unpacked lamp'))
    expect(parseDpkgLog(cut, { isOver: true }).operations.at(-1)?.operation.outcome).toBe('interrupted')
    expect(parseDpkgLog(cut).operations.at(-1)?.operation.outcome).toBeUndefined()
  })

  test('what apt started belongs to apt', () => {
    const runs = read.operations.map(({ operation }) => operation)
    const apt = parseAptHistory(history, { isOver: true }).operations.map(({ operation }) => operation)
    expect(partRuns(runs, apt).byHand.map(({ packages }) => packages[0]?.name)).toEqual(['lamp', 'rope'])
  })

  test('a run after a killed apt is its own, but for the one that was killed with it', () => {
    const log = (seconds: string, name: string): string =>
      `2026-03-03 06:30:${seconds} startup archives unpack\n2026-03-03 06:30:${seconds} upgrade ${name}:amd64 1 2\n`
    const text = log('01', 'tide-tables') + log('50', 'other')
    const runs = parseDpkgLog(text, { isOver: true }).operations.map(({ operation }) => operation)
    const apt = parseAptHistory(history).operations.map(({ operation }) => operation)
    const { byHand, apt: dated } = partRuns(runs, apt)
    expect(byHand.map(({ packages }) => packages[0]?.name)).toEqual(['other'])
    expect(dated[2]).toMatchObject({ outcome: 'interrupted', endMs: localTimeMs('2026-03-03 06:30:01') })
  })
})

test('pacman’s log: each transaction, the last one running', () => {
  const { operations, problems } = parsePacmanLog(pacmanLog)
  expect(problems).toEqual([])
  expect(operations.map(({ operation }) => operation)).toMatchObject([
    {
      commandLine: 'pacman -Syu --noconfirm',
      startMs: Date.UTC(2026, 2, 2, 8, 0, 2),
      endMs: Date.UTC(2026, 2, 2, 8, 0, 4),
      outcome: 'completed',
      packages: [
        { name: 'quay', action: 'upgrade', from: '1.0-1', to: '1.1-1' },
        { name: 'buoy', action: 'install', to: '2-1' },
      ],
    },
    { outcome: undefined, packages: [{ name: 'buoy', action: 'remove', from: '2-1' }] },
  ])
})

test.each(['apt', 'dpkg', 'pacman'] as const)('%s: any text is read without a throw, places within it', (name) => {
  const lines = texts[name].split('\n')
  const line = fc.oneof(
    fc.constantFrom(...lines),
    fc.string(),
    fc.constantFrom(...lines).map((each) => each.slice(0, -3)),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.boolean(), (some, isOver) => {
      const text = some.join('\n')
      const { operations } = parsers[name](text, { isOver })
      for (const { at } of operations) expect(at === 0 || text[at - 1] === '\n').toBe(true)
      expect(new Set(operations.map(({ operation }) => operation.id)).size).toBe(operations.length)
      if (isOver) expect(operations.every(({ operation }) => operation.outcome !== undefined)).toBe(true)
    }),
  )
})

test.each(['apt', 'dpkg', 'pacman'] as const)('%s: read at any moment, what it tells stays so', (name) => {
  // Found by this: an entry of which only the first line was there had another name than later.
  const whole = parsers[name](texts[name]).operations
  fc.assert(
    fc.property(fc.nat({ max: texts[name].length }), (length) => {
      for (const { operation, at } of parsers[name](texts[name].slice(0, length)).operations) {
        const later = whole.find((each) => each.at === at)?.operation
        expect(later?.id).toBe(operation.id)
        if (operation.outcome !== undefined) expect(operation).toEqual(later)
      }
    }),
    { numRuns: 300 },
  )
})

test('dates that are none have no time', () => {
  for (const text of ['2026-02-30 00:00:00', '2026-00-01 00:00:00', '2026-01-01 24:00:00', 'yesterday', ''])
    expect(localTimeMs(text)).toBeUndefined()
  expect(localTimeMs('2024-02-29  23:59:59')).toBe(new Date(2024, 1, 29, 23, 59, 59).getTime())
})

test('versions are ordered as dpkg orders them', () => {
  const versions = [
    '1.0',
    '1.0~rc1',
    '1.0-1',
    '1:0.1',
    '1.0+b1',
    '1.0a',
    '1.10',
    '1.9',
    '0:1.0',
    '1.0-1~',
    '1.0.0',
    '01.0',
  ]
  const isDpkgThere = existsSync('/usr/bin/dpkg')
  for (const [index, one] of versions.entries())
    for (const other of versions.slice(index + 1)) {
      const order = Math.sign(compareDebianVersions(one, other))
      expect(Math.sign(compareDebianVersions(other, one))).toBe(0 - order)
      if (isDpkgThere) expect([one, other, order]).toEqual([one, other, dpkgOrder(one, other)])
    }
})

function dpkgOrder(one: string, other: string): number {
  for (const [word, order] of [
    ['lt', -1],
    ['eq', 0],
    ['gt', 1],
  ] as const)
    try {
      execFileSync('dpkg', ['--compare-versions', one, word, other], { stdio: 'ignore' })
      return order
    } catch {
      // It is not so.
    }
  return NaN
}

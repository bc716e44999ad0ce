import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { openTree } from '../../host/tree.ts'
import { type ToldByFiles, toldByFiles } from './told-by-files.ts'
import { readUnitFiles } from './unit-folders.ts'

// Goal: files tell of a unit only what systemd would tell, and nothing where it may differ. What they tell is judged against a real
// systemd in tests/daemons.test.ts; here is judged when they keep silent.

const LIB = '/usr/lib/systemd/system'
const ETC = '/etc/systemd/system'
const SLEEPS = '[Unit]\nDescription=Sleeps\n[Service]\nExecStart=/bin/sleep 9\n'
const LATER_MS = 60_000

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-told-'))
  mkdirSync(join(root, ETC), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
/** As if systemd had read everything this long after the folder was made. */
function told(loadedMs: number | undefined = statSync(root).ctimeMs + LATER_MS): ToldByFiles {
  const tree = openTree(root)
  return toldByFiles({ tree, files: readUnitFiles(tree, new Set(['service', 'timer'])), loadedMs })
}

test('a plain unit that is not loaded is told whole, and how it is enabled', () => {
  write(`${LIB}/a.service`, `${SLEEPS}User=daemon\n[Install]\nWantedBy=multi-user.target\n`)
  write(`${LIB}/a.service.d/x.conf`, '[Unit]\nDescription=Other %n\n')
  expect(told().enabled('a.service')).toEqual({ path: `${LIB}/a.service`, state: 'disabled' })
  expect(told().unloaded('a.service')?.columns).toMatchObject({
    SvcName: 'a',
    SvcDescription: 'Other a.service',
    SvcState: 'Dead',
    SvcStartupType: 'Disabled',
    SvcRunlevels: '',
    SvcExecStart: '/bin/sleep 9',
    SvcAccount: 'daemon',
    SvcDropIns: `["${LIB}/a.service.d/x.conf"]`,
    SvcRestarts: 0,
    SvcNeedsRestart: false,
  })
  write(`${LIB}/t.timer`, '[Unit]\nDescription=Ticks\n[Timer]\nOnCalendar=daily\n')
  expect(told().unloaded('t.timer')?.columns).toMatchObject({ SvcState: 'Dead', SvcUnitType: 'timer' })
})

test.each([
  { name: 'a line that systemd passes over', text: `${SLEEPS}no assignment\n` },
  { name: 'a specifier that only systemd knows', text: SLEEPS.replace('Sleeps', 'On %H') },
  { name: 'a specifier in a command', text: SLEEPS.replace('sleep 9', 'sleep %i') },
  { name: 'quotes in a command', text: SLEEPS.replace('sleep 9', 'sh -c "sleep 9"') },
  { name: 'several commands in a line', text: SLEEPS.replace('sleep 9', 'true ; /bin/true') },
  { name: 'a program without a path', text: SLEEPS.replace('/bin/sleep', 'sleep') },
  { name: 'an odd account', text: `${SLEEPS}User=%u\n` },
  { name: 'an empty file: it is masked', text: '' },
])('systemd is asked for $name', ({ text }) => {
  write(`${LIB}/a.service`, text)
  expect(told().unloaded('a.service')).toBeUndefined()
})

describe('what may be wanted by another unit is asked for: it may be loaded together with it', () => {
  test.each([
    { name: 'in its file', path: `${LIB}/b.target`, text: '[Unit]\nWants=x.service a.service\n' },
    { name: 'in a drop-in', path: `${ETC}/b.target.d/o.conf`, text: '[Unit]\nWants=a.service\n' },
    { name: 'by a specifier', path: `${LIB}/b@.target`, text: '[Unit]\nWants=%i.service\n' },
  ])('$name', ({ path, text }) => {
    write(`${LIB}/a.service`, SLEEPS)
    expect(told().unloaded('a.service')).toBeDefined()
    write(path, text)
    expect(told().unloaded('a.service')).toBeUndefined()
  })

  test('by a link', () => {
    write(`${LIB}/a.service`, SLEEPS)
    mkdirSync(join(root, ETC, 'b.target.wants'))
    symlinkSync(`${LIB}/a.service`, join(root, ETC, 'b.target.wants/a.service'))
    expect(told().unloaded('a.service')).toBeUndefined()
    expect(told().enabled('a.service')).toMatchObject({ state: 'enabled' })
  })
})

test('links, masks, templates and what is no unit are asked for', () => {
  write(`${LIB}/a.service`, SLEEPS)
  write(`${LIB}/t@.service`, SLEEPS)
  symlinkSync(`${LIB}/a.service`, join(root, ETC, 'alias.service'))
  symlinkSync('/dev/null', join(root, ETC, 'masked.service'))
  for (const unit of ['alias.service', 'masked.service', 't@.service', 't@x.service', 'none.service'])
    expect([unit, told().unloaded(unit), told().enabled(unit)]).toEqual([unit, undefined, undefined])
})

describe('nothing is told where systemd may have read something else', () => {
  beforeEach(() => write(`${LIB}/a.service`, SLEEPS))
  const says = (loadedMs?: number): boolean => told(loadedMs).enabled('a.service') !== undefined
  const changedMs = (path: string): number => statSync(join(root, path)).ctimeMs

  test('it does not say when it read them', () => {
    const tree = openTree(root)
    const files = readUnitFiles(tree, new Set(['service']))
    expect(toldByFiles({ tree, files, loadedMs: undefined }).enabled('a.service')).toBeUndefined()
  })

  test('a file, a folder, or a drop-in was changed since, those that systemd writes while it reads apart', () => {
    for (const path of [`${LIB}/b.socket`, `${ETC}/c.target.d/x.conf`]) {
      write(path, '[Unit]\n')
      expect(says(changedMs(path) + LATER_MS)).toBe(true)
      expect(says(changedMs(path))).toBe(false)
    }
    // Only the file of the generator is as young as that.
    const otherMs = Math.max(
      ...[`${LIB}/b.socket`, `${ETC}/c.target.d/x.conf`, `${ETC}/c.target.d`, ETC].map(changedMs),
    )
    const readMs = otherMs + 11
    while (Date.now() <= readMs);
    write('/run/systemd/generator/g.service', SLEEPS)
    expect(changedMs('/run/systemd/generator/g.service')).toBeGreaterThanOrEqual(readMs - 10)
    expect(says(readMs)).toBe(true)
  })
})

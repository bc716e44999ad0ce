import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { type ExtensionSettings, parseExtensionSettings } from '@tidemark/model'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Forecast, forecastFiles } from './forecast.ts'
import { parseMountInfo } from './mounts.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-forecast-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(() => {
  for (const name of ['web', 'web/cache', 'web/deep/er', 'logs', 'empty'].map((each) => join(folder, each)))
    mkdirSync(name, { recursive: true })
  writeFileSync(join(folder, 'web/index.html'), 'x'.repeat(100))
  writeFileSync(join(folder, 'web/site.conf'), 'x'.repeat(20))
  writeFileSync(join(folder, 'web/deep/er/large'), 'x'.repeat(50_000))
  for (const name of ['one', 'two', 'three']) writeFileSync(join(folder, 'web/cache', name), name)
  symlinkSync('site.conf', join(folder, 'web/link'))
  execFileSync('mkfifo', [join(folder, 'web/fifo')])
  for (const name of ['a.log', 'b.log', 'c.log.gz']) writeFileSync(join(folder, 'logs', name), 'x'.repeat(1_000))
})

function settingsOf(
  fileInfo: readonly Record<string, unknown>[],
  fileSettings: Record<string, unknown> = {},
): ExtensionSettings {
  const { settings, problems } = parseExtensionSettings({ fileSettings: { fileInfo, ...fileSettings } })
  expect(problems).toEqual([])
  return settings
}

function forecast(settings: ExtensionSettings): Forecast {
  const job = { entries: settings.files, excludes: settings.fileExcludes, budget: settings.scanBudget }
  return forecastFiles(job, {
    clock: systemClock,
    mounts: parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8')),
    isRoot: true,
    breathe: () => undefined,
  })
}

const web = () => ({
  name: 'web',
  destinationPath: join(folder, 'web'),
  pathType: 'Folder',
  type: '*',
  links: 'Manage',
})

/** The judge: what find(1) counts. */
function counted(path: string, ...tests: readonly string[]): number {
  return execFileSync('find', [path, ...tests, '-printf', '.'], { encoding: 'utf8' }).length
}

test('counts what find counts, and bytes as du does', () => {
  const { all, entries, blind, warnings } = forecast(settingsOf([web()]))
  const path = join(folder, 'web')
  expect(all).toMatchObject({
    files: counted(path, '-type', 'f'),
    folders: counted(path, '-type', 'd'),
    links: counted(path, '-type', 'l'),
    others: counted(path, '-type', 'p'),
    bytes: execFileSync('find', [path, '-type', 'f', '-printf', '%s\n'], { encoding: 'utf8' })
      .split('\n')
      .reduce((sum, bytes) => sum + Number(bytes), 0),
  })
  expect(all.read).toEqual({ files: all.files, bytes: all.bytes })
  expect(all.largest[0]).toEqual({ path: join(folder, 'web/deep/er/large'), bytes: 50_000 })
  expect(entries).toEqual([{ name: 'web', destinationPath: path, enabled: true, tally: all }])
  expect(blind).toEqual({ paths: 0, first: [] })
  expect(warnings).toEqual([])
})

test('a path that two entries ask for counts in each, and once in all', () => {
  const conf = { name: 'conf', destinationPath: join(folder, 'web/*.conf'), checksum: 'mtime' }
  const { all, entries } = forecast(settingsOf([conf, web()]))
  expect(entries.map(({ tally }) => tally.files)).toEqual([1, 6])
  // Its first entry compares times only, the second would read it if it were alone.
  expect(entries.map(({ tally }) => tally.read.files)).toEqual([0, 6])
  expect(all.files).toBe(6)
  expect(all.read).toEqual({ files: 5, bytes: all.bytes - 20 })
})

test('excludes tell what they keep out; a folder counts once', () => {
  const logs = { name: 'logs', destinationPath: join(folder, 'logs'), pathType: 'Folder', exclude: ['*.gz', '*.bz2'] }
  const settings = settingsOf([web(), logs], { exclude: [join(folder, 'web/cache'), 'a.log', 'nowhere'] })
  const { all, excluded } = forecast(settings)
  expect(excluded).toEqual([
    { pattern: join(folder, 'web/cache'), paths: 1 },
    { pattern: 'a.log', paths: 1 },
    { pattern: 'nowhere', paths: 0 },
    { pattern: '*.gz', entry: 'logs', paths: 1 },
    { pattern: '*.bz2', entry: 'logs', paths: 0 },
  ])
  expect(all.files).toBe(4)
})

test('contents that would be kept, up to the size that the entry says', () => {
  const kept = { ...web(), uploadContent: true, maxContentsReturnable: 100 }
  const { all, warnings } = forecast(settingsOf([kept]))
  expect(all.kept).toEqual({ files: 5, bytes: 131 })
  expect(warnings.map(({ code }) => code)).toEqual(['content-kept'])
})

test('content is read to be kept even where times are compared', () => {
  const kept = { ...web(), uploadContent: true, checksum: 'mtime' }
  expect(forecast(settingsOf([kept])).all.read.files).toBe(6)
})

test('entries that match nothing, or are off, or ask the kernel', () => {
  const nothing = { name: 'nothing', destinationPath: join(folder, 'nowhere/*') }
  const off = { name: 'off', destinationPath: join(folder, 'logs/*'), enabled: false }
  const kernel = { name: 'kernel', destinationPath: '/proc/version' }
  const { entries, warnings } = forecast(settingsOf([nothing, off, kernel]))
  expect(entries.map(({ tally }) => tally.files)).toEqual([0, 0, 1])
  expect(warnings.map(({ code, entry }) => [code, entry])).toEqual([
    ['matches-nothing', 'nothing'],
    ['kernel-file-system', 'kernel'],
  ])
})

test('a link that is followed counts as what it leads to', () => {
  const { all } = forecast(settingsOf([{ name: 'link', destinationPath: join(folder, 'web/link'), links: 'Follow' }]))
  expect(all).toMatchObject({ files: 1, links: 0, bytes: 20 })
})

test.skipIf(process.getuid?.() === 0)('a folder that cannot be listed is told (skipped: root lists all)', () => {
  const path = join(folder, 'closed')
  mkdirSync(path, { mode: 0 })
  const { blind } = forecast(settingsOf([{ name: 'closed', destinationPath: path, pathType: 'Folder' }]))
  chmodSync(path, 0o700)
  expect(blind).toEqual({ paths: 1, first: [{ path, what: 'contents', why: 'EACCES' }] })
})

test('folders deeper than a walk goes are told', () => {
  const path = join(folder, 'deep')
  mkdirSync(join(path, ...Array.from({ length: 257 }, () => 'd')), { recursive: true })
  const { blind, warnings } = forecast(
    settingsOf([{ name: 'deep', destinationPath: path, pathType: 'Folder', type: '*' }]),
  )
  expect(blind).toEqual({
    paths: 1,
    first: [{ path: expect.stringMatching(/deep(\/d)+$/), what: 'contents', why: 'too-deep' }],
  })
  expect(warnings.map(({ code }) => code)).toEqual(['cannot-be-read'])
})

test('times are estimated from what was measured', () => {
  const { baseline, rescan, rates } = forecast(settingsOf([web()]))
  expect(rates.secondsPerPath).toBeGreaterThan(0)
  expect(rates.bytesHashedPerSecond).toBeGreaterThan(1e6)
  expect(baseline.busySeconds).toBeGreaterThanOrEqual(rescan.busySeconds)
  // The default budget is half a core.
  expect(rescan.seconds).toBeCloseTo(rescan.busySeconds * 2)
})

test('breathe is told of progress, and stops the forecast by throwing', () => {
  const path = join(folder, 'many')
  mkdirSync(path)
  for (let count = 0; count < 300; count += 1) writeFileSync(join(path, String(count)), '')
  const settings = settingsOf([{ name: 'many', destinationPath: path }])
  const job = { entries: settings.files, excludes: [], budget: settings.scanBudget }
  const told: number[] = []
  const stopping = {
    clock: systemClock,
    mounts: new Map<string, string>(),
    isRoot: true,
    breathe: ({ paths }: { readonly paths: number }) => {
      told.push(paths)
      if (paths > 100) throw new Error('enough')
    },
  }
  expect(() => forecastFiles(job, stopping)).toThrow('enough')
  expect(told.length).toBeGreaterThan(1)
  expect(told.at(-1)).toBeLessThan(300)
})

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { type FileEntry, parseExtensionSettings } from '@tidemark/model'
import fc from 'fast-check'
import picomatch from 'picomatch'
import { expect, test } from 'vitest'

import { pathFromText, shownPath } from './file-name.ts'
import { parseGlob } from './glob.ts'
import { type Step, trackedPaths } from './tracked-paths.ts'

type Wanted = Partial<FileEntry> & { readonly destinationPath: string }

function entriesOf(...wanted: readonly Wanted[]): readonly FileEntry[] {
  const fileInfo = wanted.map((one, index) => ({ name: `entry ${index}`, ...one }))
  const { settings, problems } = parseExtensionSettings({ fileSettings: { fileInfo } })
  expect(problems).toEqual([])
  return settings.files
}

function asksFor(path: string, entry: Wanted): boolean {
  return trackedPaths(entriesOf(entry), []).at(pathFromText(path)).matches.length > 0
}

test.each<{ entry: Wanted; yes: string[]; no: string[] }>([
  { entry: { destinationPath: '/etc/*.conf' }, yes: ['/etc/a.conf', '/etc/x/y/a.conf'], no: ['/etc/a', '/usr/a.conf'] },
  { entry: { destinationPath: '/etc/.*.conf' }, yes: ['/etc/a.conf', '/etc/x/a.conf'], no: ['/etc/x/a.cnf'] },
  { entry: { destinationPath: '/etc/*.conf', recurse: false }, yes: ['/etc/a.conf'], no: ['/etc/x/a.conf'] },
  { entry: { destinationPath: '/etc/passwd' }, yes: ['/etc/passwd'], no: ['/etc/passwd-', '/etc', '/'] },
  { entry: { destinationPath: '/srv/www' }, yes: ['/srv/www', '/srv/www/a', '/srv/www/b/c'], no: ['/srv/x', '/srv'] },
  { entry: { destinationPath: '/srv/www', pathType: 'Folder' }, yes: ['/srv/www', '/srv/www/b/c'], no: ['/srv/x'] },
  { entry: { destinationPath: '/srv/www', recurse: false }, yes: ['/srv/www', '/srv/www/a'], no: ['/srv/www/b/c'] },
  { entry: { destinationPath: '/srv/*', pathType: 'Folder' }, yes: ['/srv/a/b', '/srv/a/b/c'], no: ['/srv/a'] },
  { entry: { destinationPath: '/home/*/.ssh/*' }, yes: ['/home/u/.ssh/id', '/home/u/.ssh/x/id'], no: ['/home/u/id'] },
  { entry: { destinationPath: '/a/**/b/*.c' }, yes: ['/a/b/x.c', '/a/1/2/b/x.c', '/a/1/b/3/x.c'], no: ['/a/x.c'] },
  { entry: { destinationPath: '/a/**' }, yes: ['/a/x', '/a/x/y'], no: ['/b/x', '/a'] },
  { entry: { destinationPath: '/a/**', recurse: false }, yes: ['/a/x', '/a/x/y'], no: ['/a'] },
  { entry: { destinationPath: '/**/*.c', recurse: false }, yes: ['/x.c', '/a/x.c', '/a/b/x.c'], no: ['/a'] },
  { entry: { destinationPath: '/*' }, yes: ['/x', '/x/y'], no: ['/'] },
  { entry: { destinationPath: '/' }, yes: ['/', '/x', '/x/y'], no: [] },
  { entry: { destinationPath: '//a/./b//' }, yes: ['/a/b'], no: ['/a'] },
  { entry: { destinationPath: '/a/x/../b' }, yes: ['/a/b'], no: ['/a', '/a/x/b'] },
  { entry: { destinationPath: '/a/*/../b' }, yes: [], no: ['/a/b', '/a/x/b'] },
  { entry: { destinationPath: '/etc/*.conf', enabled: false }, yes: [], no: ['/etc/a.conf'] },
  { entry: { destinationPath: '/ä/*ö' }, yes: ['/ä/ö', '/ä/x/ö'], no: ['/ä/o'] },
])('$entry.destinationPath asks for what its author means', ({ entry, yes, no }) => {
  expect(yes.filter((path) => !asksFor(path, entry))).toEqual([])
  expect(no.filter((path) => asksFor(path, entry))).toEqual([])
})

test.each([
  { exclude: '*.swp', gone: ['/etc/a.swp', '/etc/x.swp/a'], kept: ['/etc/a'] },
  { exclude: '/etc/*.bak', gone: ['/etc/a.bak', '/etc/a.bak/x'], kept: ['/etc/x/a.bak'] },
  { exclude: '/etc/.*.bak', gone: ['/etc/a.bak'], kept: ['/etc/a'] },
  { exclude: '/etc/**/cache', gone: ['/etc/cache', '/etc/a/b/cache/x'], kept: ['/etc/cached'] },
  { exclude: '/etc/x/**', gone: ['/etc/x/a', '/etc/x/a/b'], kept: ['/etc/x'] },
  { exclude: '/', gone: ['/', '/etc'], kept: [] },
  { exclude: '**', gone: ['/etc', '/etc/a'], kept: ['/'] },
])('what $exclude matches is excluded with all below it, by one entry or by all', ({ exclude, gone, kept }) => {
  const byAll = trackedPaths(entriesOf({ destinationPath: '/' }, { destinationPath: '/etc' }), [exclude])
  expect(gone.map((path) => byAll.at(path))).toMatchObject(gone.map(() => ({ matches: [], excludedBy: exclude })))
  expect(kept.map((path) => byAll.at(path))).toMatchObject(kept.map(() => ({ excludedBy: undefined })))
  const byOne = trackedPaths(entriesOf({ destinationPath: '/' }, { destinationPath: '/', exclude: [exclude] }), [])
  expect(gone.map((path) => byOne.at(path).matches)).toEqual(gone.map(() => [0]))
  expect(kept.map((path) => byOne.at(path).matches)).toEqual(kept.map(() => [0, 1]))
})

test('a folder that cannot hold a match is not entered, and one of which the names are known need not be listed', () => {
  const paths = trackedPaths(
    entriesOf({ destinationPath: '/home/*/.ssh/authorized_keys', recurse: false }, { destinationPath: '/etc/passwd' }),
    ['/home/*/tmp'],
  )
  expect(paths.root).toMatchObject({ matches: [], mayDescend: true, names: ['etc', 'home'] })
  expect(paths.at('/home')).toMatchObject({ mayDescend: true, names: undefined })
  expect(paths.at('/home/u').names).toEqual(['.ssh'])
  expect(paths.at('/home/u/Downloads')).toMatchObject({ mayDescend: false, names: [] })
  expect(trackedPaths(entriesOf({ destinationPath: '/' }), ['/srv/*']).at('/srv')).toMatchObject({
    matches: [0],
    mayDescend: false,
  })
})

test('a name that is not UTF-8 is matched as it is shown', () => {
  const paths = trackedPaths(entriesOf({ destinationPath: '/a/\\\\xff' }, { destinationPath: '/a/*\\\\xff*' }), [])
  expect(paths.at('/a').names).toBeUndefined()
  expect(paths.at('/a/\xff').matches).toEqual([0, 1])
  expect(paths.at('/a/\\xff').matches).toEqual([0, 1])
  expect(paths.at('/a/x\xffy').matches).toEqual([1])
})

// The twin: whether one pattern takes these names, by trying everything.
function takes(pattern: readonly string[], names: readonly string[]): boolean {
  const [segment, ...rest] = pattern
  if (segment === undefined) return names.length === 0
  if (segment === '**' && rest.length === 0) return names.length > 0
  if (segment === '**') return names.some((_, skip) => takes(rest, names.slice(skip)))
  const [name, ...others] = names
  return name !== undefined && parseGlob(segment).matches(shownPath(name)) && takes(rest, others)
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')
const isWild = (part: string): boolean => part === '**' || parseGlob(part).literal === undefined

function twinAsks(entry: FileEntry, names: readonly string[]): boolean {
  const parts = partsOf(entry.destinationPath)
  if (!entry.enabled || entry.exclude.some((pattern) => twinExcludes(pattern, names))) return false
  const contents = entry.recurse ? ['**'] : ['*']
  if (!parts.some(isWild)) return takes(parts, names) || takes([...parts, ...contents], names)
  if (entry.pathType === 'Folder') return takes([...parts, ...contents], names)
  if (!entry.recurse || parts.at(-1) === '**') return takes(parts, names)
  return takes([...parts.slice(0, -1), '**', parts.at(-1) ?? ''], names)
}

function twinExcludes(pattern: string, names: readonly string[]): boolean {
  const prefixes = [...names.keys(), names.length].map((length) => names.slice(0, length))
  if (pattern.startsWith('/')) return prefixes.some((prefix) => takes(partsOf(pattern), prefix))
  return names.some((name) => takes([pattern === '**' ? '*' : pattern], [name]))
}

const allNames = ['a', 'b', 'ab', 'a.x', '\xff', '\xc3\xa4']
const nameText = fc.constantFrom(...allNames)
const namesText = fc.array(nameText, { maxLength: 5 })
const part = fc.constantFrom('a', 'b', 'ab', '**', '*', 'a*', '*b', '?', '[!b]', '.*x', 'ä', '\\\\xff')
const pathText = fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
const excludeText = fc.array(
  fc.oneof(
    part,
    pathText.filter((text) => text !== '/'),
  ),
  { maxLength: 2 },
)
const entryText = fc.record({
  destinationPath: pathText,
  exclude: excludeText,
  recurse: fc.boolean(),
  pathType: fc.constantFrom('File' as const, 'Folder' as const),
  enabled: fc.integer({ min: 0, max: 4 }).map((number) => number > 0),
})
// Caches that hold next to nothing: else a wrong step would be hidden by an old right one, and forgetting never tested.
const limits = fc.constantFrom({ stepsMax: 1, numbersMax: 1 }, { stepsMax: 3, numbersMax: 20 }, undefined)

// Mutants tried, each found: `**` that takes one folder at least, or forgets its own place, or settles all patterns; an
// exclude that ends only its own path; an entry's exclude that ends all entries, or only its own path; excludes in the
// wrong order, or only at the top; `only` that keeps the wrong entries, or all matches; steps that are taken for one another
// without their matches, without what excludes them, by the first of several globs, by any glob; a glob that forgets what
// any name leads to; `**` beside a literal left out of `names`; a literal without its second name; all below excluded by
// any `*`; a literal folder without itself, another folder with itself; disabled entries; recurse where there is none;
// mayDescend for an entry that is gone.
test('it asks for what the twin asks for, and its promises hold', () => {
  const some = fc.array(entryText, { minLength: 1, maxLength: 4 })
  const paths = fc.array(fc.tuple(namesText, namesText), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(some, excludeText, paths, limits, fc.nat(), (wanted, excludes, told, limit, mask) => {
      const entries = entriesOf(...wanted)
      const tracked = trackedPaths(entries, excludes, limit)
      const keep = (entry: number): boolean => ((mask >> entry) & 1) === 1
      const twin = (names: readonly string[]): number[] =>
        excludes.some((pattern) => twinExcludes(pattern, names))
          ? []
          : [...entries.keys()].filter((entry) => twinAsks(entries[entry]!, names))
      const follow = (from: Step, names: readonly string[]): Step =>
        names.reduce((step, name) => tracked.step(step, name), from)
      for (const [above, below] of told) {
        const step = tracked.at(`/${above.join('/')}`)
        const all = [...above, ...below]
        expect(step.matches).toEqual(twin(above))
        for (const name of allNames) expect(tracked.step(step, name).matches).toEqual(twin([...above, name]))
        expect(follow(step, below).matches).toEqual(twin(all))
        expect(follow(tracked.only(step, keep), below).matches).toEqual(twin(all).filter(keep))
        const [next] = below
        if (!step.mayDescend && below.length > 0) expect(twin(all)).toEqual([])
        if (next !== undefined && step.names?.includes(next) === false) expect(twin(all)).toEqual([])
        if (step.excludedBy !== undefined)
          expect(step.excludedBy).toBe(
            excludes.find((pattern) => twinExcludes(pattern, above.slice(0, firstGone(above, excludes)))),
          )
      }
    }),
    { numRuns: 1_500 },
  )
})

/** How many of the names lead to the first folder that is excluded. */
function firstGone(names: readonly string[], excludes: readonly string[]): number {
  const lengths = [...names.keys(), names.length]
  return lengths.find((length) => excludes.some((one) => twinExcludes(one, names.slice(0, length)))) ?? names.length
}

test('it matches what picomatch matches', () => {
  const segment = fc.constantFrom('a', 'b', '**', '*', 'a*', '*b', '?', '[ab]', '*a*')
  const patterns = fc
    .array(segment, { minLength: 1, maxLength: 5 })
    .filter((parts) => parts.at(-1) !== '**' && parts.some(isWild))
  const paths = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', '.a'), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(patterns, paths, (parts, names) => {
      const [pattern, path] = [`/${parts.join('/')}`, `/${names.join('/')}`]
      // Without the "/" in front: with it, "/**/a" does not take "/a" there.
      const oracle = picomatch.makeRe(parts.join('/'), { dot: true, fastpaths: false })
      expect(asksFor(path, { destinationPath: pattern, recurse: false })).toBe(oracle.test(names.join('/')))
    }),
    { numRuns: 2_000 },
  )
})

test('no pattern that the settings take makes it throw', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'/*?[]\\.!-a\ud800') }))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), text, namesText, (texts, exclude, names) => {
      const fileInfo = texts.map((path) => ({ name: 'x', destinationPath: `/${path}`, exclude: [`/${exclude}`] }))
      const { settings } = parseExtensionSettings({ fileSettings: { fileInfo, exclude: [exclude] } })
      const tracked = trackedPaths(settings.files, settings.fileExcludes)
      const step = tracked.at(`/${names.join('/')}`)
      expect(step.matches.length).toBeLessThanOrEqual(texts.length)
      expect(step.names ?? []).not.toContain('..')
    }),
  )
})

test.each([
  { count: 1_000, name: 'many stars in names', pattern: `/x/${'*a'.repeat(10)}*b`, path: `/x/${'a'.repeat(255)}` },
  { count: 1_000, name: 'many times **', pattern: '/**/a'.repeat(800), path: '/a'.repeat(250) },
  { count: 200, name: '** before a long run', pattern: `/**${'/a'.repeat(2_000)}`, path: '/a'.repeat(250) },
  { count: 200, name: '** before sets', pattern: `/**${'/[ab]'.repeat(800)}`, path: '/a'.repeat(250) },
])('$count entries with $name cost neither time nor memory', ({ count, pattern, path }) => {
  const one = entriesOf({ destinationPath: pattern })[0]!
  const entries = Array.from({ length: count }, (_, index) => ({ ...one, destinationPath: `${pattern}/${index}` }))
  const startedMs = performance.now()
  const startedBytes = bytesHeld()
  const tracked = trackedPaths(entries, [])
  expect(tracked.at(path).matches).toEqual([])
  expect(performance.now() - startedMs).toBeLessThan(15_000)
  expect(bytesHeld() - startedBytes).toBeLessThan(150 * 1024 * 1024)
  expect(tracked.entries).toHaveLength(count)
})

function bytesHeld(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

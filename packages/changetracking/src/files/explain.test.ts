import { parseExtensionSettings } from '@tidemark/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type ExplainedRule, explainPath, type PathFacts } from './explain.ts'

function rule(name: string, fileInfo: readonly object[], fileSettings: object = {}, more: object = {}): ExplainedRule {
  const entries = fileInfo.map((entry, index) => ({ name: `${name}${index}`, ...entry }))
  const document = { ...more, fileSettings: { ...fileSettings, fileInfo: entries } }
  const { settings, problems } = parseExtensionSettings(document)
  expect(problems).toEqual([])
  return { name, settings }
}

const link: PathFacts = { kind: 'link', linkTargetKind: 'file' }

test.each<{ entry: object; path: string; facts?: PathFacts; verdict: object }>([
  {
    entry: { destinationPath: '/etc/*.conf' },
    path: '/etc/a.conf',
    facts: { kind: 'file' },
    verdict: { kind: 'tracks' },
  },
  { entry: { destinationPath: '/a' }, path: '/a', verdict: { kind: 'tracks', ifType: 'File' } },
  { entry: { destinationPath: '/a', type: '*' }, path: '/a', verdict: { kind: 'tracks' } },
  { entry: { destinationPath: '/a', enabled: false }, path: '/a', verdict: { kind: 'disabled' } },
  {
    entry: { destinationPath: '/etc/*.conf', recurse: false },
    path: '/etc/x/a.conf',
    verdict: { kind: 'not-recursive' },
  },
  {
    entry: { destinationPath: '/etc/*.conf', recurse: false },
    path: '/etc/x/a.txt',
    verdict: { kind: 'no-match', segment: '*.conf', name: 'x' },
  },
  {
    entry: { destinationPath: '/home/*/.ssh/*' },
    path: '/home/u/Documents/a',
    verdict: { kind: 'no-match', segment: '.ssh', name: 'Documents' },
  },
  {
    entry: { destinationPath: '/etc/*.conf' },
    path: '/usr/a',
    verdict: { kind: 'no-match', segment: 'etc', name: 'usr' },
  },
  {
    entry: { destinationPath: '/etc/.*.conf' },
    path: '/etc/x/a\xff',
    verdict: { kind: 'no-match', segment: '.*.conf', name: 'a\\xff' },
  },
  { entry: { destinationPath: '/home/*/.ssh/*' }, path: '/home/u', verdict: { kind: 'no-match', segment: '.ssh' } },
  { entry: { destinationPath: '/a/*/../b' }, path: '/a/b', verdict: { kind: 'no-match', segment: '/a/*/../b' } },
  {
    entry: { destinationPath: '/a', exclude: ['*.swp', '/a/**/cache'] },
    path: '/a/b/cache/c',
    verdict: { kind: 'excluded', pattern: '/a/**/cache', at: '/a/b/cache' },
  },
  {
    entry: { destinationPath: '/a' },
    path: '/a',
    facts: { kind: 'directory' },
    verdict: { kind: 'wrong-type', wanted: 'File', found: 'directory' },
  },
  {
    entry: { destinationPath: '/a', type: 'Directory' },
    path: '/a',
    facts: { kind: 'fifo' },
    verdict: { kind: 'wrong-type', wanted: 'Directory', found: 'fifo' },
  },
  { entry: { destinationPath: '/a' }, path: '/a', facts: link, verdict: { kind: 'tracks' } },
  { entry: { destinationPath: '/a', links: 'Manage' }, path: '/a', facts: link, verdict: { kind: 'tracks' } },
  {
    entry: { destinationPath: '/a', links: 'Ignore' },
    path: '/a',
    facts: link,
    verdict: { kind: 'link-left-out', link: '/a', links: 'Ignore' },
  },
  {
    entry: { destinationPath: '/a' },
    path: '/a',
    facts: { kind: 'link', linkTargetKind: 'directory' },
    verdict: { kind: 'wrong-type', wanted: 'File', found: 'directory' },
  },
  {
    entry: { destinationPath: '/a', links: 'Manage' },
    path: '/a/b/c',
    facts: { kind: 'file', throughLink: '/a/b' },
    verdict: { kind: 'link-left-out', link: '/a/b', links: 'Manage' },
  },
])('$entry of $path: $verdict.kind', ({ entry, path, facts, verdict }) => {
  const explained = explainPath([rule('r', [entry])], path, facts)
  expect(explained.entries.map((one) => one.verdict)).toEqual([verdict])
  expect(explained.isTracked).toBe('kind' in verdict && verdict.kind === 'tracks')
})

test('of several rules the first entry governs, any keeps the content, and the most frequent counts', () => {
  const rules = [
    rule('one', [{ destinationPath: '/b' }, { destinationPath: '/a', checksum: 'md5' }], {
      fileCollectionFrequency: 60,
    }),
    rule('two', [{ destinationPath: '/a', uploadContent: true }], { fileCollectionFrequency: 30 }),
    rule('off', [{ destinationPath: '/a' }], { fileCollectionFrequency: 1, exclude: '/a' }, { enableFiles: false }),
  ]
  expect(explainPath(rules, '/a', { kind: 'file' })).toMatchObject({
    path: '/a',
    isTracked: true,
    governing: { rule: 'one', entry: { name: 'one1', checksum: 'md5' } },
    uploadContent: true,
    frequencySeconds: 30,
    entries: [{ verdict: { kind: 'no-match' } }, {}, {}, { rule: 'off', verdict: { kind: 'files-off' } }],
  })
})

test('an exclude of any rule has the last word over all of them', () => {
  const rules = [
    rule('one', [{ destinationPath: '/a' }]),
    rule('two', [{ destinationPath: '/x' }], { exclude: '*.swp' }),
  ]
  const explained = explainPath(rules, '/a/b.swp', { kind: 'file' })
  expect(explained).toMatchObject({ isTracked: false, uploadContent: false })
  expect(explained.governing).toBeUndefined()
  expect(explained.entries.map(({ verdict }) => verdict)).toEqual([
    { kind: 'excluded', pattern: '*.swp', at: '/a/b.swp', rule: 'two' },
    { kind: 'no-match', segment: 'x', name: 'a' },
  ])
})

test('every pattern and path is explained', () => {
  const text = fc.string({ unit: fc.constantFrom(...'/*?[]\\.!-ab') })
  fc.assert(
    fc.property(text, text, fc.boolean(), text, (pattern, exclude, recurse, path) => {
      const fileInfo = [{ name: 'x', destinationPath: `/${pattern}`, recurse }]
      const { settings } = parseExtensionSettings({ fileSettings: { fileInfo, exclude: `/${exclude}` } })
      expect(explainPath([{ name: 'r', settings }], `/${path}`).entries).toHaveLength(1)
    }),
  )
})

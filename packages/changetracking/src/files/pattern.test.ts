import { expect, test } from 'vitest'

import { pathPattern } from './pattern.ts'

/** Whether the pattern asks for a path, walked as a scan walks it. */
function asksFor(
  path: string,
  entry: { destinationPath: string; recurse?: boolean; pathType?: 'File' | 'Folder' },
): boolean {
  const pattern = pathPattern({ recurse: true, pathType: 'File', ...entry })
  if (path !== pattern.base && !path.startsWith(pattern.base === '/' ? '/' : `${pattern.base}/`)) return false
  const names = path.slice(pattern.base.length).split('/').filter(Boolean)
  if (names.length === 0) return pattern.literal !== undefined
  let walk = pattern.literal?.everything ?? pattern.start
  for (const name of names) walk = pattern.step(walk, name)
  return walk.isMatch
}

test.each([
  { entry: { destinationPath: '/etc/*.conf' }, yes: ['/etc/a.conf', '/etc/x/y/a.conf'], no: ['/etc/a', '/usr/a.conf'] },
  { entry: { destinationPath: '/etc/.*.conf' }, yes: ['/etc/a.conf', '/etc/x/a.conf'], no: ['/etc/x/a.cnf'] },
  { entry: { destinationPath: '/etc/*.conf', recurse: false }, yes: ['/etc/a.conf'], no: ['/etc/x/a.conf'] },
  { entry: { destinationPath: '/etc/passwd' }, yes: ['/etc/passwd'], no: ['/etc/passwd-'] },
  {
    entry: { destinationPath: '/srv/www', pathType: 'Folder' as const },
    yes: ['/srv/www/a', '/srv/www/b/c'],
    no: ['/srv/x'],
  },
  { entry: { destinationPath: '/srv/www', recurse: false }, yes: ['/srv/www/a'], no: ['/srv/www/b/c'] },
  {
    entry: { destinationPath: '/srv/*', pathType: 'Folder' as const },
    yes: ['/srv/a/b', '/srv/a/b/c'],
    no: ['/srv/a'],
  },
  { entry: { destinationPath: '/home/*/.ssh/*' }, yes: ['/home/u/.ssh/id', '/home/u/.ssh/x/id'], no: ['/home/u/id'] },
  { entry: { destinationPath: '/a/**/b/*.c' }, yes: ['/a/b/x.c', '/a/1/2/b/x.c', '/a/1/b/3/x.c'], no: ['/a/x.c'] },
  { entry: { destinationPath: '/a/**' }, yes: ['/a/x', '/a/x/y'], no: ['/b/x'] },
  { entry: { destinationPath: '/*' }, yes: ['/x', '/x/y'], no: [] },
])('$entry.destinationPath asks for what its author means', ({ entry, yes, no }) => {
  expect(yes.filter((path) => !asksFor(path, entry))).toEqual([])
  expect(no.filter((path) => asksFor(path, entry))).toEqual([])
})

test('a folder that cannot hold a match is not entered', () => {
  const pattern = pathPattern({ destinationPath: '/home/*/.ssh/authorized_keys', recurse: false, pathType: 'File' })
  expect(pattern.base).toBe('/home')
  const user = pattern.step(pattern.start, 'u')
  expect(user.mayDescend).toBe(true)
  expect(pattern.step(user, 'Downloads').mayDescend).toBe(false)
})

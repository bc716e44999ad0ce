import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { told, TrackedMachine } from '../../testing/tracked-machine.ts'

// Goal: each thing that a rule can say, on real trees, and what of it people are told. Method: a shell makes the tree and
// then changes it, as people do; the first look is the baseline.

let folder = ''
let machine: TrackedMachine
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-features-'))
  machine = new TrackedMachine()
})
afterEach(() => {
  machine[Symbol.dispose]()
  sh('chattr -i t/a 2>/dev/null || true')
  rmSync(folder, { recursive: true, force: true })
})

function sh(script: string): void {
  execFileSync('bash', ['-euc', script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

type Written = Readonly<Record<string, unknown>>
const entry = (more: Written = {}): Written => ({ destinationPath: `${folder}/t`, ...more })

/** Paths that are known after a first look, without the folder's own. */
function tracked(): string[] {
  machine.look()
  using known = machine.state.knownFiles()
  const paths: string[] = []
  for (const cursor = known.stampsFrom('/'); cursor.next();) paths.push(cursor.path.slice(folder.length + 1))
  return paths
}

const isRoot = process.getuid?.() === 0

test.for<{ what: string; make: string; entries: Written[]; settings?: Written; paths: string[] }>([
  {
    what: '*.conf at any depth',
    make: 'mkdir -p t/d; touch t/a.conf t/b t/d/c.conf',
    entries: [{ destinationPath: 't/*.conf' }],
    paths: ['t/a.conf', 't/d/c.conf'],
  },
  {
    what: '.*.conf, the other dialect',
    make: 'mkdir -p t/d; touch t/a.conf t/b t/d/c.conf',
    entries: [{ destinationPath: 't/.*.conf' }],
    paths: ['t/a.conf', 't/d/c.conf'],
  },
  {
    what: 'recurse: false',
    make: 'mkdir -p t/d; touch t/a.conf t/d/c.conf',
    entries: [{ destinationPath: 't/*.conf', recurse: false }],
    paths: ['t/a.conf'],
  },
  {
    what: 'a wildcard in the middle',
    make: 'mkdir -p t/u/.ssh t/v/.ssh/x t/w; touch t/u/.ssh/k t/v/.ssh/x/k t/w/k',
    entries: [{ destinationPath: 't/*/.ssh/*' }],
    paths: ['t/u/.ssh/k', 't/v/.ssh/x/k'],
  },
  {
    what: '**',
    make: 'mkdir -p t/1/2/b t/b; touch t/1/2/b/x.c t/b/x.c t/x.c',
    entries: [{ destinationPath: 't/**/b/*.c' }],
    paths: ['t/1/2/b/x.c', 't/b/x.c'],
  },
  {
    what: 'a folder by its path',
    make: 'mkdir -p t/d; touch t/a t/d/b',
    entries: [{ destinationPath: 't', pathType: 'Folder' }],
    paths: ['t/a', 't/d/b'],
  },
  {
    what: 'pathType Directory',
    make: 'mkdir -p t/d; touch t/a t/d/b',
    entries: [{ destinationPath: 't/*', pathType: 'Directory' }],
    paths: ['t/d/b'],
  },
  {
    what: 'type Directory',
    make: 'mkdir -p t/d/e; touch t/a t/d/b',
    entries: [{ destinationPath: 't/*', type: 'directory' }],
    paths: ['t/d', 't/d/e'],
  },
  {
    what: 'type *',
    make: 'mkdir -p t/d; touch t/a t/d/b',
    entries: [{ destinationPath: 't/*', type: '*' }],
    paths: ['t/a', 't/d', 't/d/b'],
  },
  {
    what: 'a disabled entry',
    make: 'mkdir t; touch t/a',
    entries: [{ destinationPath: 't', enabled: false }],
    paths: [],
  },
  {
    what: 'excludes of an entry, by path and by name',
    make: 'mkdir -p t/d/e t/f; touch t/a.swp t/d/e/x t/d/y t/f/z.swp',
    entries: [{ destinationPath: 't', exclude: ['*.swp', 't/d/e'] }],
    paths: ['t/d/y'],
  },
  {
    what: 'an exclude of the rule',
    make: 'mkdir -p t/d; touch t/a t/d/b',
    entries: [{ destinationPath: 't' }, { destinationPath: 't/d' }],
    settings: { exclude: ['d'] },
    paths: ['t/a'],
  },
  {
    what: 'links ignored',
    make: 'mkdir -p t/d o; touch t/d/x o/y; ln -s d/x t/l; ln -s ../o t/o; ln -s nowhere t/n',
    entries: [{ destinationPath: 't', links: 'Ignore' }],
    paths: ['t/d/x'],
  },
  {
    what: 'links managed',
    make: 'mkdir -p t/d o; touch t/d/x o/y; ln -s d/x t/l; ln -s ../o t/o; ln -s nowhere t/n',
    entries: [{ destinationPath: 't', links: 'Manage' }],
    paths: ['t/d/x', 't/l', 't/n', 't/o'],
  },
  {
    what: 'links followed',
    make: 'mkdir -p t/d o; touch t/d/x o/y; ln -s d/x t/l; ln -s ../o t/o; ln -s nowhere t/n',
    entries: [{ destinationPath: 't', links: 'Follow' }],
    paths: ['t/d/x', 't/l', 't/n', 't/o/y'],
  },
  {
    what: 'a folder behind two links',
    make: 'mkdir -p t o; touch o/y; ln -s ../o t/2; ln -s ../o t/1',
    entries: [{ destinationPath: 't' }],
    paths: ['t/1/y'],
  },
  {
    what: 'a link to a folder inside',
    make: 'mkdir -p t/d; touch t/d/x; ln -s d t/a',
    entries: [{ destinationPath: 't' }],
    paths: ['t/d/x'],
  },
  {
    what: 'loops: to itself, to the parent, mutual',
    make: 'mkdir -p t/d t/e; touch t/d/x; ln -s self t/self; ln -s .. t/d/up; ln -s ../e t/d/e; ln -s ../d t/e/d',
    entries: [{ destinationPath: 't' }],
    paths: ['t/d/x', 't/self'],
  },
  {
    what: 'a loop outside',
    make: 'mkdir -p t o/p; touch o/p/x; ln -s .. o/p/up; ln -s ../o t/o',
    entries: [{ destinationPath: 't' }],
    paths: ['t/o/p/x'],
  },
  {
    what: 'a chain of links',
    make: 'mkdir -p t o; touch o/x; ln -s ../o t/1; ln -s 1 t/2; ln -s 2 t/3; ln -s ../o/x t/x; ln -s x t/y',
    entries: [{ destinationPath: 't' }],
    paths: ['t/1/x', 't/x', 't/y'],
  },
  {
    what: 'a base path behind a link, links ignored',
    make: 'mkdir -p usr/t; touch usr/t/x; ln -s usr/t t',
    entries: [{ destinationPath: 't/*', links: 'Ignore' }],
    paths: ['t/x'],
  },
  {
    what: 'both names of a base path',
    make: 'mkdir -p usr/t; touch usr/t/x; ln -s usr/t t',
    entries: [{ destinationPath: 't/*' }, { destinationPath: 'usr/t/*' }],
    paths: ['t/x', 'usr/t/x'],
  },
  {
    what: 'odd names',
    make: String.raw`mkdir t; touch t/$'a\xff' t/$'b\nc' 't/d\e' "t/$(printf 'n%.0s' {1..255})"`,
    entries: [{ destinationPath: 't' }],
    paths: ['t/a\xff', 't/b\nc', 't/d\\e', `t/${'n'.repeat(255)}`],
  },
  {
    what: 'what is in a folder comes behind its sisters',
    make: 'mkdir -p t/a; touch t/a/x t/a-b t/a.b',
    entries: [{ destinationPath: 't', type: '*' }],
    paths: ['t', 't/a', 't/a-b', 't/a.b', 't/a/x'],
  },
  {
    what: 'fifos, sockets and devices',
    make: isRoot ? 'mkdir t; mkfifo t/f; mknod t/n c 1 3; mknod t/b b 7 200' : 'mkdir t; mkfifo t/f',
    entries: [{ destinationPath: 't' }],
    paths: isRoot ? ['t/b', 't/f', 't/n'] : ['t/f'],
  },
])('tracked: $what', ({ make, entries, settings, paths }) => {
  sh(make)
  const here = (pattern: unknown): string =>
    String(pattern).includes('/') ? `${folder}/${String(pattern)}` : String(pattern)
  machine.rules({
    fileInfo: entries.map(({ exclude, ...more }) => ({
      ...more,
      destinationPath: `${folder}/${String(more['destinationPath'])}`,
      ...(Array.isArray(exclude) ? { exclude: exclude.map(here) } : {}),
    })),
    ...(settings ? { settings } : {}),
  })
  expect(tracked()).toEqual(paths)
  expect(told(folder, machine.look())).toEqual([])
})

test.for<{ what: string; make?: string; entry?: Written; change: string; said: string[]; rootOnly?: boolean }>([
  {
    what: 'content',
    change: 'sleep 0.02; printf y > t/a',
    said: ['Modified t/a (FileContentChecksum, DateModified, DateChanged)'],
  },
  {
    what: 'append',
    change: 'printf y >> t/a',
    said: ['Modified t/a (FileContentChecksum, Size, DateModified, DateChanged)'],
  },
  { what: 'chmod', change: 'chmod 4711 t/a', said: ['Modified t/a (DateChanged, FileMode)'] },
  {
    what: 'chown',
    change: 'chown 1:2 t/a',
    said: ['Modified t/a (DateChanged, FileOwner, FileGroup, FileOwnerId, FileGroupId)'],
    rootOnly: true,
  },
  { what: 'touch -d', change: 'touch -d 2001-01-01 t/a', said: ['Modified t/a (DateModified, DateChanged)'] },
  { what: 'setfacl', change: 'setfacl -m u:1:rw t/a', said: ['Modified t/a (DateChanged, FileMode, Acls)'] },
  { what: 'setfattr', change: 'setfattr -n user.x -v 1 t/a', said: ['Modified t/a (DateChanged, Xattrs)'] },
  {
    what: 'setcap',
    change: 'setcap cap_net_raw+ep t/a',
    said: ['Modified t/a (DateChanged, Capabilities)'],
    rootOnly: true,
  },
  { what: 'chattr', change: 'chattr +i t/a', said: ['Modified t/a (DateChanged, Attributes)'], rootOnly: true },
  { what: 'ln', change: 'ln t/a t/b', said: ['Modified t/a (DateChanged, Links)', 'Added t/b'] },
  {
    what: 'sed -i',
    change: 'sed -i s/x/y/ t/a',
    said: ['Modified t/a (FileContentChecksum, DateModified, DateChanged, DateCreated, Inode)'],
  },
  {
    what: 'a link that is turned',
    make: 'touch t/p t/q; ln -s p t/l',
    entry: { links: 'Manage' },
    change: 'ln -sf q t/l',
    said: ['Modified t/l (DateModified, DateChanged, DateCreated, LinkTarget, Inode)'],
  },
  {
    what: 'what is behind a link',
    make: 'echo 1 > o/x; ln -s ../o t/l',
    change: 'echo 2 >> o/x',
    said: ['Modified t/l/x (FileContentChecksum, Size, DateModified, DateChanged)'],
  },
  { what: 'a rename', change: 'mv t/a t/b', said: ['Modified t/a -> t/b (FileSystemPath, Name, DateChanged)'] },
  {
    what: 'a folder that is renamed',
    make: 'mkdir t/d; touch t/d/x t/d/y',
    change: 'mv t/d t/e',
    said: ['Modified t/d/x -> t/e/x (FileSystemPath)', 'Modified t/d/y -> t/e/y (FileSystemPath)'],
  },
  { what: 'a rename with new content', change: 'mv t/a t/b; echo more >> t/b', said: ['Removed t/a', 'Added t/b'] },
  {
    what: 'a rename over another file',
    make: 'printf z > t/b; touch -d 2001-01-01 t/b',
    change: 'mv t/a t/b',
    said: ['Modified t/b (FileContentChecksum, DateModified, DateChanged, DateCreated, Inode)', 'Removed t/a'],
  },
  { what: 'a rename out of the tree', change: 'mv t/a o/a', said: ['Removed t/a'] },
  { what: 'a rename into the tree', make: 'touch o/n', change: 'mv o/n t/n', said: ['Added t/n'] },
  {
    what: 'a file that becomes a folder',
    change: 'rm t/a; mkdir t/a; touch t/a/x',
    said: ['Removed t/a', 'Added t/a/x'],
  },
  {
    what: 'a folder that becomes a file',
    make: 'mkdir t/d; touch t/d/x',
    change: 'rm -r t/d; touch t/d',
    said: ['Removed t/d/x', 'Added t/d'],
  },
  {
    what: 'names in a folder',
    make: 'mkdir t/d',
    entry: { type: 'Directory' },
    change: 'touch t/d/x; mkdir t/d/e',
    said: ['Added t/d/e'],
  },
  {
    what: 'checksum md5',
    entry: { checksum: 'md5' },
    change: 'touch -r t/a r; sleep 0.02; printf y > t/a; touch -r r t/a',
    said: ['Modified t/a (FileContentChecksum, DateChanged)'],
  },
  {
    what: 'checksum mtime',
    entry: { checksum: 'mtime' },
    change: 'sleep 0.02; printf y > t/a',
    said: ['Modified t/a (DateModified, DateChanged)'],
  },
  {
    what: 'checksum ctime',
    entry: { checksum: 'ctime' },
    change: 'touch -r t/a r; sleep 0.02; printf y > t/a; touch -r r t/a',
    said: ['Modified t/a (DateChanged)'],
  },
  {
    what: 'a sparse file',
    make: 'truncate -s 5M t/s',
    change: 'truncate -s 6M t/s',
    said: ['Modified t/s (FileContentChecksum, Size, DateModified, DateChanged)'],
  },
  { what: 'a fifo', change: 'mkfifo t/f', said: ['Added t/f'] },
])('told: $what', ({ make = '', entry: more = {}, change, said, rootOnly = false }, { skip }) => {
  if (rootOnly && !isRoot) skip('only root may do that')
  sh(`mkdir t o; printf x > t/a; ${make}`)
  machine.entries(entry(more))
  machine.look()
  sh(change)
  expect(told(folder, machine.look())).toEqual(said)
  expect(told(folder, machine.look({ kind: 'full' }))).toEqual([])
})

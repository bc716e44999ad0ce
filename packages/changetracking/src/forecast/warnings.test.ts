import { expect, test } from 'vitest'

import { entryWarnings, FILES_WITHOUT_WARNING_MAX, overallWarnings } from './warnings.ts'
import type { Tally } from './tally.ts'

const none = { files: 0, bytes: 0 }
const tally: Tally = { files: 1, folders: 0, links: 0, others: 0, bytes: 1, read: none, kept: none, largest: [] }
const entry = { name: 'web', destinationPath: '/srv/*', enabled: true, tally, fileSystems: new Set(['ext4']) }

test.each([
  { name: 'nothing to say', walked: entry, said: [] },
  {
    name: 'nothing matches',
    walked: { ...entry, tally: { ...tally, files: 0 } },
    said: ['nothing here matches /srv/*'],
  },
  {
    name: 'a disabled entry need not match',
    walked: { ...entry, enabled: false, tally: { ...tally, files: 0 } },
    said: [],
  },
  {
    name: 'file systems that are none of this machine’s disks',
    walked: { ...entry, fileSystems: new Set(['nfs4', 'ext4', 'proc']) },
    said: [expect.stringContaining('on nfs4'), expect.stringContaining('on proc')],
  },
])('an entry: $name', ({ walked, said }) => {
  expect(entryWarnings(walked).map(({ message }) => message)).toEqual(said)
})

test.each([
  { name: 'nothing to say', of: tally, blindPaths: 0, isRoot: true, said: [] },
  {
    name: 'a million is no warning',
    of: { ...tally, files: FILES_WITHOUT_WARNING_MAX },
    blindPaths: 0,
    isRoot: true,
    said: [],
  },
  {
    name: 'a million and one',
    of: { ...tally, files: FILES_WITHOUT_WARNING_MAX + 1 },
    blindPaths: 0,
    isRoot: true,
    said: ['1000001 files are more than 1000000'],
  },
  {
    name: 'contents',
    of: { ...tally, kept: { files: 3, bytes: 2_550_000 } },
    blindPaths: 0,
    isRoot: true,
    said: ['the contents of 3 files would be kept: 2.5 MB before compression'],
  },
  {
    name: 'one small content kept',
    of: { ...tally, kept: { files: 1, bytes: 812 } },
    blindPaths: 0,
    isRoot: true,
    said: ['the contents of 1 file would be kept: 812 bytes before compression'],
  },
  { name: 'blind as root', of: tally, blindPaths: 2, isRoot: true, said: ['2 paths cannot be looked at'] },
  {
    name: 'blind as somebody else',
    of: tally,
    blindPaths: 2,
    isRoot: false,
    said: ['2 paths cannot be looked at; change tracking that runs as root sees more'],
  },
])('all together: $name', ({ of, blindPaths, isRoot, said }) => {
  expect(overallWarnings(of, { blindPaths, isRoot }).map(({ message }) => message)).toEqual(said)
})

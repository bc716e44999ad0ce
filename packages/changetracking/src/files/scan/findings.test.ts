import { expect, test } from 'vitest'

import { type Findings, FindingsCollector, findingsLimits } from './findings.ts'
import { STAMP_BYTES } from './stamp.ts'

const stampOf = (inode: number, size = 1): Buffer => {
  const stamp = Buffer.alloc(STAMP_BYTES)
  stamp.writeUInt32LE(inode, 24)
  stamp.writeUInt32LE(size, 32)
  return stamp
}
const moved = (path: string, inode: number, checksum = 'c') => ({
  path,
  stamp: stampOf(inode),
  value: path,
  columns: { FileSystemPath: path, Name: path.slice(1), FileContentChecksum: checksum, Size: 1 },
  matches: [0],
})

function collected(limits: Partial<typeof findingsLimits>, use: (findings: FindingsCollector) => void): Findings[] {
  const parts: Findings[] = []
  const findings = new FindingsCollector((part) => parts.push(part), { ...findingsLimits, ...limits })
  use(findings)
  findings.end()
  return parts
}
const said = (parts: readonly Findings[]) =>
  parts.flatMap(({ changes }) =>
    changes.map(
      ({ columns }) => `${columns.ChangeCategory} ${columns.PreviousFileSystemPath ?? ''}>${columns.FileSystemPath}`,
    ),
  )

test('a part is handed on at so many updates, and at so many bytes', () => {
  const update = (count: number) => (findings: FindingsCollector) => {
    for (let index = 0; index < count; index += 1) findings.update(`/${index}`, stampOf(index), 'v'.repeat(98))
  }
  expect(collected({ updatesMax: 3 }, update(8)).map(({ updates }) => updates.length)).toEqual([3, 3, 2])
  expect(collected({ bytesMax: 1_000 }, update(25)).map(({ updates }) => updates.length)).toEqual([10, 10, 5])
  expect(collected({}, update(0))).toEqual([])
})

test('what went and came is one change when inode, birth and content are the same', () => {
  const parts = collected({}, (findings) => {
    findings.came(moved('/b', 1))
    findings.went(moved('/a', 1))
    findings.went(moved('/c', 2))
    findings.came(moved('/d', 3))
    findings.went(moved('/e', 4, 'before'))
    findings.came(moved('/f', 4, 'after'))
  })
  expect(said(parts).sort()).toEqual(['Added >/d', 'Added >/f', 'Modified /a>/b', 'Removed >/c', 'Removed >/e'])
})

test('both halves of a rename are in one part, however small the parts', () => {
  const parts = collected({ updatesMax: 1 }, (findings) => {
    for (let index = 0; index < 5; index += 1) {
      findings.went(moved(`/a${index}`, index))
      findings.came(moved(`/b${index}`, index))
    }
  })
  expect(parts.map(({ updates }) => updates.map(({ path }) => path))).toEqual(
    [0, 1, 2, 3, 4].map((index) => [`/a${index}`, `/b${index}`]),
  )
})

test('beyond the limit of renames files are told as they are, each once', () => {
  const parts = collected({ renamesMax: 4 }, (findings) => {
    for (let index = 0; index < 6; index += 1) findings.went(moved(`/a${index}`, index))
    for (let index = 0; index < 6; index += 1) findings.came(moved(`/b${index}`, index))
  })
  const paths = said(parts)
  expect(paths.filter((each) => each.startsWith('Removed') || each.startsWith('Modified'))).toHaveLength(6)
  expect(new Set(parts.flatMap(({ updates }) => updates.map(({ path }) => path))).size).toBe(12)
})

import { describe, expect, test } from 'vitest'

import type { ChangeColumns } from '../../collector.ts'
import type { OwnedFile, PackageDatabase } from '../owners/package-database.ts'
import type { PackageFiles } from '../owners/package-files.ts'
import { JUDGED_BYTES_MAX, PackageJudge } from './package-judge.ts'

const SHA = 'a'.repeat(64)
const MD5 = 'b'.repeat(32)
const owned = (more: Partial<OwnedFile> = {}): OwnedFile => ({
  package: 'p',
  version: '1',
  isConfig: false,
  isSettled: true,
  expected: { kind: 'content', algorithm: 'md5', hex: MD5 },
  ...more,
})

function judged(options: {
  readonly file?: OwnedFile
  readonly columns?: Record<string, string>
  readonly isAtWork?: boolean
  readonly md5?: string
  readonly kind?: 'file' | 'link' | 'folder'
  readonly sizeBytes?: number
  readonly trouble?: string
}) {
  const reads: string[] = []
  const database: PackageDatabase = {
    source: 'dpkg',
    owners: () => {
      if (options.trouble !== undefined) throw new Error(options.trouble)
      return new Map(options.file === undefined ? [] : [['/f', options.file]])
    },
    packages: () => [],
    files: () => [],
    isAtWork: () => options.isAtWork ?? false,
  }
  const files = {
    look: () => ({ kind: options.kind ?? 'file', sizeBytes: options.sizeBytes ?? 1 }),
    digest: (path: string, algorithm: string) => {
      reads.push(`${algorithm} ${path}`)
      return { hex: options.md5 ?? MD5 }
    },
  } as unknown as PackageFiles
  const judge = new PackageJudge({ databases: [database], files, breathe: () => undefined })
  const columns: ChangeColumns = { ChangeCategory: 'Modified', FileContentChecksum: SHA, ...options.columns }
  const [told] = judge.told([{ path: '/f', columns }])
  const { PackageName, PackageVersion, PackageVerdict, PackageVerdictNote } = told?.columns ?? {}
  return { told: [PackageName, PackageVersion, PackageVerdict, PackageVerdictNote], reads }
}

describe('verdicts', () => {
  test('what matches, and what does not; the file is read once for a checksum that the scan did not make', () => {
    expect(judged({ file: owned() })).toEqual({ told: ['p', '1', 'matches package', undefined], reads: ['md5 /f'] })
    expect(judged({ file: owned(), md5: 'c' }).told[2]).toBe('differs from package')
    expect(judged({ file: owned({ isConfig: true }), md5: 'c' }).told[2]).toBe('conffile edited')
  })

  test('with the scan’s own checksum nothing is read', () => {
    const expected = { kind: 'content', algorithm: 'sha256', hex: SHA } as const
    expect(judged({ file: owned({ expected }) })).toEqual({ told: ['p', '1', 'matches package', undefined], reads: [] })
  })

  test('nobody’s, missing, another kind, too large, no checksum', () => {
    expect(judged({}).told).toEqual([undefined, undefined, 'unowned', undefined])
    const gone = judged({ file: owned(), columns: { ChangeCategory: 'Removed' } })
    expect(gone.told.slice(2)).toEqual(['differs from package', 'it is missing'])
    expect(judged({ file: owned(), kind: 'link' }).told[3]).toBe('it is a symbolic link, and was a file')
    const large = judged({ file: owned(), sizeBytes: JUDGED_BYTES_MAX + 1 })
    expect([large.told[2], large.reads]).toEqual(['cannot say', []])
    expect(judged({ file: owned({ expected: { kind: 'unknown', why: 'why' } }) }).told.slice(2)).toEqual([
      'cannot say',
      'why',
    ])
  })

  test('in the middle of a package only what matches is sure', () => {
    const unsettled = owned({ isSettled: false })
    expect(judged({ file: unsettled, isAtWork: true }).told[2]).toBe('matches package')
    expect(judged({ file: unsettled, isAtWork: true, md5: 'c' }).told.slice(2)).toEqual([
      'cannot say',
      'dpkg was at work when the file was looked at',
    ])
    expect(judged({ file: unsettled, md5: 'c' }).told[2]).toBe('differs from package')
    expect(judged({ isAtWork: true }).told[2]).toBe('cannot say')
  })

  test('a database that cannot be read is said, not passed over', () => {
    expect(judged({ trouble: 'broken' }).told.slice(2)).toEqual([
      'cannot say',
      'the database of dpkg cannot be read: broken',
    ])
  })
})

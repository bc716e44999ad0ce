import type { FakeRow } from './fake-rows.ts'

/** An upgrade of two packages with 300 files, one of which differs from its package; then a daemon that flaps. */
export function fakeOperation(atMs: number): FakeRow[] {
  const at = (seconds: number): string => new Date(atMs + seconds * 1_000).toISOString()
  const operation = { Computer: 'alpha', OperationId: 'operation-1' }
  const packages = ['openssl', 'libssl3'].map((name, index) => ({
    ...operation,
    TimeGenerated: at(index),
    RecordId: `operation-package-${index}`,
    ConfigChangeType: 'Software',
    ChangeCategory: 'Modified',
    SoftwareName: name,
    Previous: '3.0.14-1',
    Current: '3.0.15-1',
    FieldsChanged: 'CurrentVersion',
  }))
  const files = Array.from({ length: 300 }, (_, index) => ({
    ...operation,
    TimeGenerated: at(2 + index / 100),
    RecordId: `operation-file-${index}`,
    ConfigChangeType: 'Files',
    ChangeCategory: 'Modified',
    FileSystemPath: `/usr/lib/openssl/file-${index}`,
    FieldsChanged: 'FileContentChecksum',
    PackageName: 'openssl',
    PackageVersion: '3.0.15-1',
    PackageVerdict: index === 7 ? 'differs from package' : 'matches package',
    PackageVerdictNote: index === 7 ? 'it was a file of 12 bytes' : '',
  }))
  const flaps = Array.from({ length: 12 }, (_, index) => ({
    TimeGenerated: at(600 + index * 30),
    Computer: 'gamma',
    RecordId: `flap-${index}`,
    ConfigChangeType: 'Daemons',
    ChangeCategory: 'Modified',
    SvcName: 'flapper',
    SvcState: index % 2 === 0 ? 'Failed' : 'Running',
    SvcPreviousState: index % 2 === 0 ? 'Running' : 'Failed',
    FieldsChanged: 'SvcState, SvcRestarts',
  }))
  return [...packages, ...files, ...flaps]
}

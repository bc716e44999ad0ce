import type { ScanOnceOptions, ScanOnceResult } from './files/scan-once.ts'
import type { VerifyOptions, VerifyResult } from './packages/verdicts/verify.ts'
import type { CollectOnceOptions, CollectOnceResult } from './schedule/collect-once.ts'

// A door of its own: who looks once waits for nothing of what the daemon needs, nor for what another look needs.
export { ChangeTrackingError } from './change-tracking-error.ts'
export type { ScanOnceOptions, ScanOnceResult } from './files/scan-once.ts'
export type { VerifiedFile, VerifyOptions, VerifyResult } from './packages/verdicts/verify.ts'
export type { CollectOnceOptions, CollectOnceResult } from './schedule/collect-once.ts'

/** Scans files once; see `ScanOnceOptions`. Rejects with the signal's reason, and with `ChangeTrackingError`. */
export async function scanOnce(options: ScanOnceOptions): Promise<ScanOnceResult> {
  return await (await import('./files/scan-once.ts')).scanOnce(options)
}

/** Collects what is installed or what runs, once; see `CollectOnceOptions`. */
export async function collectOnce(options: CollectOnceOptions): Promise<CollectOnceResult> {
  return await (await import('./schedule/collect-once.ts')).collectOnce(options)
}

/** Holds files against what the package manager knows of them, once; see `VerifyOptions`. */
export async function verifyPackages(options: VerifyOptions): Promise<VerifyResult> {
  return await (await import('./packages/verdicts/verify.ts')).verifyPackages(options)
}

// A door of its own: who scans once waits for nothing of what the daemon needs.
export { ChangeTrackingError } from './change-tracking-error.ts'
export { scanOnce } from './files/scan-once.ts'
export type { ScanOnceOptions, ScanOnceResult } from './files/scan-once.ts'

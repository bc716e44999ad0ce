// Files held against what the package manager knows of them, now, without agent or server.
export { verifyPackages } from './packages/verdicts/verify.ts'
export type { VerifiedFile, VerifyCounts, VerifyResult } from './packages/verdicts/verify.ts'
export { packageVerdicts } from './packages/verdicts/verdict.ts'
export type { PackageVerdict } from './packages/verdicts/verdict.ts'

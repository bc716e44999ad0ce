import { z } from 'zod'

import { tableNames } from './tables.ts'

/** The longest time that rows may be kept for, in days; longer is for ever. */
export const RETENTION_DAYS_MAX = 36_500

/** Days that rows of a table are kept, by their `TimeGenerated`; null: for ever. */
const days = z.number().int().min(1).max(RETENTION_DAYS_MAX).nullable()

/** `PUT /api/retention` (admin): tables that are not named stay as they are. */
export const retentionRequest = z.strictObject({ days: z.partialRecord(z.enum(tableNames), days) })

/** `GET /api/retention`, and the answer of a change. */
export interface RetentionView {
  /** By table. */
  readonly days: Readonly<Record<string, number | null>>
}

/** `POST /api/backups` (admin): an absolute path on the server's machine where nothing is yet. */
export const backupRequest = z.strictObject({ folder: z.string().startsWith('/').max(4_096) })

/** What a backup is. */
export interface BackupView {
  readonly folder: string
  readonly files: number
  readonly bytes: number
  /** Contents of files that are kept elsewhere (S3, Azure) are not in it. */
  readonly hasContents: boolean
}

import type { z } from 'zod'

import type { Right } from '../access/rights.ts'

/** A request and its answer, as a test runs it: values of the answer may differ, their names and types may not. */
export interface Example {
  readonly body?: unknown
  /** Behind the question mark. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
  /** Absent: an answer without a body, or one that is no JSON. */
  readonly answer?: unknown
}

/** One method of one address. */
export interface Operation {
  readonly summary: string
  readonly body?: z.ZodType
  readonly answers: Readonly<Record<string, string>>
  /** Who may ask; by default whoever has `right`, by a token or a session. */
  readonly who?: 'anybody' | 'machine' | 'uploader'
  /** `read` where nothing is said. */
  readonly right?: Right
  /** Names of what is behind the question mark; one that need not be there ends with `?`. */
  readonly query?: readonly string[]
  readonly example: Example
}

/** Path to method to operation. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>

import type { Actor } from '../who/actor.ts'
import type { Told } from './places.ts'
import type { TouchKind } from './touch.ts'

/** Takes an event that is told. */
export type Report = (occurrence: {
  readonly told: readonly Told[]
  readonly isFolder: boolean
  readonly kinds: readonly TouchKind[]
  readonly actor: Actor
}) => void

/** What one reading of the kernel's queue gave. */
export interface Reading {
  readonly events: number
  /** Events whose folder was there no more. */
  readonly gone: number
  /** The kernel's queue was full: events are missing. */
  readonly isOverflow: boolean
}

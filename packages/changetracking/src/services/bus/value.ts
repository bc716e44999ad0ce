/** A value of D-Bus: 64-bit integers are bigints; arrays, structs and entries (a pair) are lists. */
export type BusValue = number | bigint | boolean | string | BusVariant | readonly BusValue[]

/** A value that brings its type along. */
export class BusVariant {
  readonly signature: string
  readonly value: BusValue

  constructor(signature: string, value: BusValue) {
    this.signature = signature
    this.value = value
  }
}

/** A text, or `''` where it is something else. */
export function textOf(value: BusValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** A whole number, or 0 where it is something else. */
export function numberOf(value: BusValue | undefined): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0
}

/** A list, or an empty one where it is something else. */
export function listOf(value: BusValue | undefined): readonly BusValue[] {
  return isList(value) ? value : []
}

function isList(value: BusValue | undefined): value is readonly BusValue[] {
  return Array.isArray(value)
}

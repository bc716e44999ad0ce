import { z } from 'zod'

/** A snap as snapd's state has it. */
export interface KnownSnap {
  readonly name: string
  readonly revision: string
  readonly isActive: boolean
}

const snapdState = z.looseObject({
  data: z
    .looseObject({
      snaps: z
        .record(
          z.string(),
          z.looseObject({ current: z.union([z.string(), z.number()]), active: z.boolean().optional() }),
        )
        .optional(),
    })
    .optional(),
})

/** Reads `state.json` of snapd; a text where it is none that says why. A snap that is only being fetched has no revision yet. */
export function parseSnapdState(text: string): readonly KnownSnap[] | string {
  try {
    const read = snapdState.safeParse(JSON.parse(text))
    if (!read.success) {
      const [issue] = read.error.issues
      return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`
    }
    return Object.entries(read.data.data?.snaps ?? {})
      .map(([name, { current, active }]) => ({ name, revision: String(current), isActive: active === true }))
      .filter(({ revision }) => revision !== '' && revision !== 'unset')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

import { parse } from 'yaml'
import { z } from 'zod'

/** What a snap says of itself (snapcraft.io/docs/snap-format, `meta/snap.yaml`). */
export interface SnapFacts {
  readonly version: string
  readonly summary: string
  readonly architecture: string
}

const snapYaml = z.looseObject({
  version: z.union([z.string(), z.number()]).optional(),
  summary: z.string().optional(),
  architectures: z.array(z.string()).optional(),
})

/** Reads `snap.yaml`; `undefined` where it is none. Total. */
export function parseSnapYaml(text: string): SnapFacts | undefined {
  try {
    // Every scalar as it stands: `1.10` is a version and no number. Aliases have no use here.
    const read = snapYaml.safeParse(parse(text, { schema: 'failsafe', maxAliasCount: 0, logLevel: 'silent' }))
    if (!read.success) return undefined
    const { version = '', summary = '', architectures = [] } = read.data
    return { version: String(version), summary, architecture: architectures.join(' ') || 'all' }
  } catch {
    return undefined
  }
}

import { countOf, type PackageFacts } from '../item.ts'

/** A package of pacman, or why its file tells of none. */
export type ReadDescription =
  | { readonly kind: 'package'; readonly facts: PackageFacts }
  | { readonly kind: 'problem'; readonly problem: string }

/**
 * Reads `desc` of a package in pacman's local database. Total.
 *
 *     %NAME%        a header, then one value a line until an empty line
 *     bash
 */
export function parseDescription(text: string): ReadDescription {
  const fields = new Map<string, string>()
  let header: string | undefined
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') header = undefined
    else if (header === undefined) {
      const [, name] = /^%([A-Z0-9_]+)%$/.exec(line) ?? []
      if (name === undefined) return { kind: 'problem', problem: `line ${index + 1}: no %HEADER%` }
      header = name
    } else if (!fields.has(header)) fields.set(header, line)
  }
  const [name, version] = [fields.get('NAME'), fields.get('VERSION')]
  if (name === undefined || version === undefined)
    return { kind: 'problem', problem: 'there is no %NAME% or no %VERSION%' }
  return {
    kind: 'package',
    facts: {
      name,
      version,
      description: fields.get('DESC') ?? '',
      publisher: fields.get('PACKAGER') ?? '',
      architecture: fields.get('ARCH') ?? '',
      // alpm writes the reason only where it is not 0, "explicitly installed".
      status: fields.get('REASON') === '1' ? 'installed as dependency' : 'installed',
      sizeBytes: countOf(fields.get('SIZE')) ?? 0,
      installedSeconds: countOf(fields.get('INSTALLDATE')),
    },
  }
}

import type { FileEntry } from '@tidemark/model'

import type { FileKind } from './stamp.ts'

/**
 * Of the entries that ask for a path those that want what is there, by their `type` and `links`. `kind` is that of the
 * link's target where that is to be recorded, and `link` where it is the link itself. The same array where all do.
 */
export function wantedMatches(
  entries: readonly FileEntry[],
  matches: readonly number[],
  found: { readonly kind: FileKind; readonly isLink: boolean; readonly isDangling?: boolean },
): readonly number[] {
  let isAll = true
  for (const match of matches) if (!isWanted(entries[match], found)) isAll = false
  return isAll ? matches : matches.filter((match) => isWanted(entries[match], found))
}

function isWanted(
  entry: FileEntry | undefined,
  {
    kind,
    isLink,
    isDangling = false,
  }: { readonly kind: FileKind; readonly isLink: boolean; readonly isDangling?: boolean },
): boolean {
  if (entry === undefined) return false
  if (isLink) {
    if (entry.links === 'Ignore') return false
    // A link that leads nowhere is recorded as itself by whoever would have followed it.
    const wantsLink = entry.links === 'Manage' || isDangling
    if (wantsLink !== (kind === 'link')) return false
  }
  if (entry.type === '*') return true
  return entry.type === 'Directory' ? kind === 'folder' : kind !== 'folder'
}

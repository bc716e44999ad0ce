import type { FileEntry } from '@tidemark/model'

import { pathsShownAs } from '../file-name.ts'
import { type Glob, parseGlob } from '../glob.ts'

/** A step of a pattern: one name, or any number of folders. */
export type Segment =
  | { readonly kind: 'deep'; readonly text: string }
  | { readonly kind: 'any'; readonly text: string }
  /** Exactly these names, as bytes in latin1 text: two where the text is also how a name that is not UTF-8 is shown. */
  | { readonly kind: 'literal'; readonly text: string; readonly names: readonly string[] }
  | { readonly kind: 'glob'; readonly text: string; readonly glob: Glob }

/** A pattern of a path, ready to be followed name by name. */
export interface SegmentedPattern {
  /** Never two `deep` in a row, and none at the end. */
  readonly segments: readonly Segment[]
  /** Whether the place before this segment is asked for as well as the end: a literal path that may be a folder. */
  readonly alsoAt: number | undefined
}

const deep: Segment = { kind: 'deep', text: '**' }
const any: Segment = { kind: 'any', text: '*' }

/** Reads segments, each text once: a rule may have millions of them. */
export class SegmentReader {
  readonly #known = new Map<string, Segment>([['**', deep]])

  /**
   * What an entry asks for, `undefined` where nothing can ever match:
   *
   *     /etc/*.conf   recurse           /etc/ ** / *.conf      the wildcard is applied to names below, too
   *     /etc/*.conf   not recurse       /etc/*.conf
   *     /srv/*        Folder, recurse   /srv/ * / ** / *       everything in the folders that match
   *     /srv/www      a folder          /srv/www itself and /srv/www/ ** / *, or /srv/www/ * without recurse
   *     /a/ ** /b/*.c                   as it is written; wildcards may stand in any segment
   */
  entry(entry: Pick<FileEntry, 'destinationPath' | 'recurse' | 'pathType'>): SegmentedPattern | undefined {
    const written = this.#path(entry.destinationPath)
    if (written === undefined) return undefined
    const contents = entry.recurse ? [deep, any] : [any]
    if (written.every(({ kind }) => kind === 'literal'))
      return { segments: [...written, ...contents], alsoAt: written.length }
    if (entry.pathType === 'Folder') return plain([...written, ...contents])
    const last = written.at(-1)
    if (!entry.recurse || last === undefined || last.kind === 'deep') return plain(written)
    return plain([...written.slice(0, -1), deep, last])
  }

  /** What an exclude pattern matches: a path, or with no "/" in front a name at any depth. */
  exclude(pattern: string): SegmentedPattern | undefined {
    if (pattern.startsWith('/')) {
      const written = this.#path(pattern)
      return written && plain(written)
    }
    const name = this.#name(pattern === '**' ? '*' : pattern)
    return isImpossible(name) ? undefined : plain([deep, name])
  }

  /** The segments as written; `.` says nothing, `..` takes the segment before it back, as far as that has no wildcard. */
  #path(text: string): Segment[] | undefined {
    const segments: Segment[] = []
    for (const part of text.split('/')) {
      if (part === '' || part === '.') continue
      if (part === '..') {
        const before = segments.pop()
        if (before !== undefined && before.kind !== 'literal') return undefined
      } else segments.push(this.#name(part))
    }
    return segments.some(isImpossible) ? undefined : segments
  }

  #name(text: string): Segment {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const segment = segmentOf(text)
    this.#known.set(text, segment)
    return segment
  }
}

function segmentOf(text: string): Segment {
  const glob = parseGlob(text)
  if (glob.isAny) return any
  if (glob.literal === undefined) return { kind: 'glob', text, glob }
  // No folder has such names; what leads there would leave the folder.
  const names = pathsShownAs(glob.literal).filter((name) => name !== '.' && name !== '..')
  return { kind: 'literal', text, names }
}

function isImpossible(segment: Segment): boolean {
  return segment.kind === 'literal' && segment.names.length === 0
}

/** Two `**` in a row are one, and one at the end stands for everything below. */
function plain(segments: readonly Segment[]): SegmentedPattern {
  const single = segments.filter(({ kind }, index) => kind !== 'deep' || segments[index - 1]?.kind !== 'deep')
  return { segments: single.at(-1)?.kind === 'deep' ? [...single, any] : single, alsoAt: undefined }
}

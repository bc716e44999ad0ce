import type { FileEntry } from '@tidemark/model'

/** How deep the tree of a model test is, in names below its folder. */
const DEPTH = 3

/** The folder in which everything is that is asked for, and the names that may be in it. */
export interface TwinWorld {
  readonly top: string
  readonly names: readonly string[]
}

/**
 * What entries ask for, by trying everything. Patterns are made of names, `*`, `a*` and `**`; the tree's names are known, so
 * that what may be asked for below a folder is tried out, too.
 */
export class TwinPatterns {
  readonly #entries: readonly FileEntry[]
  readonly #excludes: readonly string[]
  readonly #world: TwinWorld
  readonly #asks = new Map<string, boolean>()
  readonly #below = new Map<string, boolean>()
  static #last: { readonly key: string; readonly patterns: TwinPatterns }[] = []

  /** The same again for the same patterns: what was tried once is remembered. */
  static of(entries: readonly FileEntry[], excludes: readonly string[], world: TwinWorld): TwinPatterns {
    const key = JSON.stringify([entries, excludes, world])
    const patterns =
      TwinPatterns.#last.find((each) => each.key === key)?.patterns ?? new TwinPatterns(entries, excludes, world)
    TwinPatterns.#last = [{ key, patterns }, ...TwinPatterns.#last.filter((each) => each.key !== key)].slice(0, 4)
    return patterns
  }

  private constructor(entries: readonly FileEntry[], excludes: readonly string[], world: TwinWorld) {
    this.#entries = entries
    this.#excludes = excludes
    this.#world = world
  }

  asks(index: number, path: string): boolean {
    return remembered(this.#asks, `${index} ${path}`, () => {
      const entry = this.#entries[index]
      const names = partsOf(path)
      if (entry === undefined || !entry.enabled) return false
      return (
        asks(entry, names) && ![...entry.exclude, ...this.#excludes].some((pattern) => isExcludedBy(pattern, names))
      )
    })
  }

  /** Whether something in a folder might be asked for, whatever is in it. */
  mayAskBelow(index: number, folder: string): boolean {
    // All entries of a model test ask for things in one folder.
    const { top } = this.#world
    if (top.startsWith(folder === '/' ? '/' : `${folder}/`))
      return this.asks(index, top) || this.mayAskBelow(index, top)
    return remembered(this.#below, `${index} ${folder}`, () => this.#mayAskBelow(index, folder, DEPTH))
  }

  #mayAskBelow(index: number, folder: string, depth: number): boolean {
    if (depth === 0) return false
    return this.#world.names.some((name) => {
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`
      return this.asks(index, path) || this.#mayAskBelow(index, path, depth - 1)
    })
  }

  /** Whether an entry's own words lead through a path. */
  isWayTo(index: number, path: string): boolean {
    const parts = partsOf(this.#entries[index]?.destinationPath ?? '')
    const wild = parts.findIndex(isWild)
    const way = wild < 0 ? parts.slice(0, -1) : parts.slice(0, wild)
    const names = partsOf(path)
    return names.length <= way.length && names.every((name, at) => name === way[at])
  }
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')
const isWild = (part: string): boolean => part.includes('*')

function asks(entry: FileEntry, names: readonly string[]): boolean {
  const parts = partsOf(entry.destinationPath)
  const contents = entry.recurse ? ['**'] : ['*']
  if (!parts.some(isWild)) return takes(parts, names) || takes([...parts, ...contents], names)
  if (entry.pathType === 'Folder') return takes([...parts, ...contents], names)
  if (!entry.recurse || parts.at(-1) === '**') return takes(parts, names)
  return takes([...parts.slice(0, -1), '**', parts.at(-1) ?? ''], names)
}

function isExcludedBy(pattern: string, names: readonly string[]): boolean {
  const prefixes = [...names.keys(), names.length].map((length) => names.slice(0, length))
  if (pattern.startsWith('/')) return prefixes.some((prefix) => takes(partsOf(pattern), prefix))
  return names.some((name) => takes([pattern], [name]))
}

function takes(pattern: readonly string[], names: readonly string[]): boolean {
  const [segment, ...rest] = pattern
  if (segment === undefined) return names.length === 0
  if (segment === '**' && rest.length === 0) return names.length > 0
  if (segment === '**') return [...names.keys(), names.length].some((skip) => takes(rest, names.slice(skip)))
  const [name, ...others] = names
  return name !== undefined && takesName(segment, name) && takes(rest, others)
}

function takesName(segment: string, name: string): boolean {
  return segment.endsWith('*') ? name.startsWith(segment.slice(0, -1)) : segment === name
}

function remembered(answers: Map<string, boolean>, key: string, answer: () => boolean): boolean {
  const known = answers.get(key)
  if (known !== undefined) return known
  const given = answer()
  answers.set(key, given)
  return given
}

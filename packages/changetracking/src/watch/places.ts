import type { PathBytes } from '../files/file-name.ts'
import type { Step, TrackedPaths } from '../files/tracked-paths.ts'
import { folderOf, isWithin, joined, nameOf, rebased } from '../files/path-parts.ts'
import type { Alias, TouchKind } from './touch.ts'

/** A real folder as the rules see it: the tracked paths under which it is reached. */
export interface Place {
  readonly at: readonly { readonly path: PathBytes; readonly step: Step }[]
  /**
   * Names in this folder that tracked paths begin with: their files, or folders above them. `isPassage` says that only
   * what happens to the name itself counts (made, moved, deleted), not what happens in it.
   */
  readonly names: ReadonlyMap<string, readonly { readonly path: PathBytes; readonly isPassage: boolean }[]> | undefined
}

/** A tracked path that an event is to be told for. */
export interface Told {
  readonly path: PathBytes
  /** It lies above what is tracked, through a link or not: where that leads may be different now. */
  readonly isPassage: boolean
}

/** Decides what is told, from the rules' matcher and the links that lead into what is tracked. */
export class Places {
  readonly #tracked: TrackedPaths
  readonly #aliases: readonly Alias[]
  readonly #ignore: readonly PathBytes[]
  readonly #names = new Map<PathBytes, Map<string, { path: PathBytes; isPassage: boolean }[]>>()

  /** `bases` are the tracked folders as they are written, whose own way down from "/" is watched too. */
  constructor(options: {
    readonly tracked: TrackedPaths
    readonly aliases: readonly Alias[]
    readonly ignore: readonly PathBytes[]
    readonly bases: readonly PathBytes[]
  }) {
    this.#tracked = options.tracked
    this.#aliases = options.aliases
    this.#ignore = options.ignore
    for (const base of options.bases) this.#addNames(base, base, true)
    for (const { real, tracked } of options.aliases) this.#addNames(real, tracked, false)
  }

  /** The place of a real folder, reached by these paths; `undefined` where nothing in it can be tracked. */
  of(folders: readonly PathBytes[]): Place | undefined {
    const at = new Map<PathBytes, Step>()
    let names: Map<string, { path: PathBytes; isPassage: boolean }[]> | undefined
    for (const folder of folders) {
      for (const path of this.#trackedPaths(folder)) {
        const step = this.#tracked.at(path)
        if (step.matches.length > 0 || step.mayDescend) at.set(path, step)
      }
      const here = this.#names.get(folder)
      if (here !== undefined) names = names === undefined ? here : new Map([...names, ...here])
    }
    if (at.size === 0 && names === undefined) return undefined
    return { at: [...at].map(([path, step]) => ({ path, step })), names }
  }

  /** The tracked paths for which an event on a name in that place is told. `.` is the folder itself. */
  told(
    place: Place,
    name: string,
    event: { readonly isFolder: boolean; readonly kinds: readonly TouchKind[] },
  ): Told[] {
    const isMove = event.kinds.some((kind) => kind !== 'content' && kind !== 'attributes')
    const told: Told[] = []
    const names = place.names?.get(name)?.filter(({ isPassage }) => isMove || !isPassage) ?? []
    const isPassage = names.some((each) => each.isPassage)
    for (const { path, step } of place.at) {
      const isItself = name === '.'
      const child = isItself ? step : this.#tracked.step(step, name)
      const isTold = child.matches.length > 0 || (event.isFolder && isMove && child.mayDescend)
      const full = isItself ? path : joined(path, name)
      if (isTold && !this.#isIgnored(full)) told.push({ path: full, isPassage })
    }
    for (const each of names) if (!told.some(({ path }) => isWithin(each.path, path))) told.push(each)
    return told
  }

  /** Whether something below this real folder may be tracked. */
  mayHold(folder: PathBytes): boolean {
    return this.#trackedPaths(folder).some((path) => this.#tracked.at(path).mayDescend) || this.#names.has(folder)
  }

  #trackedPaths(folder: PathBytes): PathBytes[] {
    const paths = [
      folder,
      ...this.#aliases
        .filter(({ real }) => isWithin(folder, real))
        .map(({ real, tracked }) => rebased(folder, real, tracked)),
    ]
    return [...new Set(paths)].filter((path) => !this.#isIgnored(path))
  }

  #isIgnored(path: PathBytes): boolean {
    return this.#ignore.some((each) => isWithin(path, each))
  }

  #addNames(real: PathBytes, path: PathBytes, isBase: boolean): void {
    for (let below = real; below !== '/'; below = folderOf(below)) {
      const names = this.#names.get(folderOf(below)) ?? new Map<string, { path: PathBytes; isPassage: boolean }[]>()
      this.#names.set(folderOf(below), names)
      const told = names.get(nameOf(below)) ?? []
      if (!told.some((each) => each.path === path)) told.push({ path, isPassage: isBase || below !== real })
      names.set(nameOf(below), told)
    }
  }
}

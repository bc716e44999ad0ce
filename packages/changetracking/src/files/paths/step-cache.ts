import { shownPath } from '../file-name.ts'
import type { Glob } from '../glob.ts'
import { type Arrival, arrive, arrivalFor, type Positions } from './positions.ts'

/** A place on a path, as `TrackedPaths` tells it. */
export interface Step {
  /**
   * Indexes of the entries that ask for this very path, ascending; before `type` and `links`, which only the look at the
   * disk can decide. Empty where excluded.
   */
  readonly matches: readonly number[]
  /** Whether something below this path, if it is a folder, may be asked for. */
  readonly mayDescend: boolean
  /**
   * The only names that can lead on from here (PathBytes, sorted by bytes), so that the folder need not be listed;
   * `undefined` when any name may.
   */
  readonly names: readonly string[] | undefined
  /**
   * The pattern over all entries that excludes this path or a folder above it, as written. `undefined` also where nothing
   * would have asked for the path anyway.
   */
  readonly excludedBy: string | undefined
}

/** What is kept of steps that were made, so that the same place is not thought out twice. */
export interface StepLimits {
  /** Steps kept; beyond it all are forgotten and made anew. */
  readonly stepsMax: number
  /** Numbers kept in them, about 8 bytes each; beyond it all are forgotten, too. */
  readonly numbersMax: number
}

/** Some tens of megabytes at most; a usual rule needs a few dozen steps. */
export const stepLimits: StepLimits = { stepsMax: 20_000, numbersMax: 2_000_000 }

/** Steps that differ by the globs which a name matches: none of them, one, or several (their indexes, joined). */
class Branch {
  /** Positions that this very name leads to; those that any name leads to come on top. */
  readonly reached: readonly number[]
  none: CachedStep | undefined
  readonly one: (CachedStep | undefined)[] = []
  readonly several = new Map<string, CachedStep>()

  constructor(reached: readonly number[]) {
    this.reached = reached
  }
}

/** Everything that may follow on a step, made when the first name follows. */
interface Fork {
  readonly any: Branch
  readonly literals: ReadonlyMap<string, Branch> | undefined
  readonly globs: readonly { readonly glob: Glob; readonly reached: number[] }[]
}

/** A step that knows what follows on it. */
export class CachedStep implements Step {
  readonly matches: readonly number[]
  readonly mayDescend: boolean
  readonly excludedBy: string | undefined
  readonly positions: readonly number[]
  fork: Fork | undefined
  readonly #all: Positions
  #names: readonly string[] | 'any' | undefined

  constructor(all: Positions, { matches, positions, mayDescend, excludedBy }: Arrival) {
    this.matches = matches
    this.mayDescend = mayDescend
    this.excludedBy = excludedBy
    this.positions = positions
    this.#all = all
  }

  get names(): readonly string[] | undefined {
    this.#names ??= (this.mayDescend ? namesFrom(this.#all, this.positions) : []) ?? 'any'
    return this.#names === 'any' ? undefined : this.#names
  }
}

function namesFrom(all: Positions, positions: readonly number[]): readonly string[] | undefined {
  const names = new Set<string>()
  for (const position of positions) {
    if (all.program(position).excludes !== undefined) continue
    const segment = all.segments[position]
    if (segment?.kind !== 'literal') return undefined
    for (const name of segment.names) names.add(name)
  }
  return [...names].sort()
}

/** Makes each step once, up to the limits. Steps that a caller still holds stay good when the others are forgotten. */
export class StepCache {
  readonly #all: Positions
  readonly #limits: StepLimits
  readonly #byHash = new Map<number, CachedStep[]>()
  /** Steps that hold others: what is forgotten must be reachable from none of them. */
  #forked: CachedStep[] = []
  #stepCount = 0
  #numberCount = 0

  constructor(all: Positions, limits: StepLimits) {
    this.#all = all
    this.#limits = limits
  }

  root(): CachedStep {
    return this.#step(arrive(this.#all, this.#all.starts))
  }

  only(from: CachedStep, keep: (entry: number) => boolean): CachedStep {
    return this.#step(arrivalFor(this.#all, from, keep))
  }

  next(from: CachedStep, name: string): CachedStep {
    // What is excluded is so with all below it.
    if (from.excludedBy !== undefined) return from
    const fork = from.fork ?? this.#forkOf(from)
    const branch = fork.literals?.get(name) ?? fork.any
    return fork.globs.length === 0 ? (branch.none ??= this.#arrive(fork, branch, [])) : this.#among(fork, branch, name)
  }

  #among(fork: Fork, branch: Branch, name: string): CachedStep {
    const { globs } = fork
    const shown = shownPath(name)
    let first = -1
    let more: number[] | undefined
    for (let index = 0; index < globs.length; index += 1) {
      if (globs[index]?.glob.matches(shown) !== true) continue
      if (first < 0) first = index
      else more = [...(more ?? []), index]
    }
    if (first < 0) return (branch.none ??= this.#arrive(fork, branch, []))
    if (more === undefined) return (branch.one[first] ??= this.#arrive(fork, branch, [first]))
    const key = `${first},${more.join()}`
    const known = branch.several.get(key)
    if (known !== undefined) return known
    const step = this.#arrive(fork, branch, [first, ...more])
    this.#numberCount += more.length
    branch.several.set(key, step)
    return step
  }

  #arrive({ any, globs }: Fork, branch: Branch, matching: readonly number[]): CachedStep {
    const byName = branch === any ? [] : branch.reached
    const reached = any.reached.concat(byName, ...matching.map((index) => globs[index]?.reached ?? []))
    return this.#step(arrive(this.#all, reached))
  }

  #step(arrival: Arrival): CachedStep {
    const hash = hashOf(arrival)
    const known = this.#byHash.get(hash)?.find((step) => isSame(step, arrival))
    if (known !== undefined) return known
    if (this.#stepCount >= this.#limits.stepsMax || this.#numberCount >= this.#limits.numbersMax) this.#forget()
    const step = new CachedStep(this.#all, arrival)
    this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), step])
    this.#stepCount += 1
    this.#numberCount += arrival.positions.length + arrival.matches.length
    return step
  }

  #forget(): void {
    this.#byHash.clear()
    for (const step of this.#forked) step.fork = undefined
    this.#forked = []
    this.#stepCount = 0
    this.#numberCount = 0
  }

  #forkOf(from: CachedStep): Fork {
    const reachedByAny: number[] = []
    const literals = new Map<string, number[]>()
    const globs = new Map<Glob, number[]>()
    for (const position of from.positions) {
      const segment = this.#all.segments[position]
      if (segment?.kind === 'deep') reachedByAny.push(position)
      else if (segment?.kind === 'any') reachedByAny.push(position + 1)
      else if (segment?.kind === 'glob') pushTo(globs, segment.glob, position + 1)
      else for (const name of segment?.names ?? []) pushTo(literals, name, position + 1)
    }
    const branches = [...literals].map(([name, reached]) => [name, new Branch(reached)] as const)
    this.#numberCount += from.positions.length
    from.fork = {
      any: new Branch(reachedByAny),
      literals: branches.length === 0 ? undefined : new Map(branches),
      globs: [...globs].map(([glob, reached]) => ({ glob, reached })),
    }
    this.#forked.push(from)
    return from.fork
  }
}

function pushTo<T>(lists: Map<T, number[]>, key: T, value: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function isSame(step: CachedStep, arrival: Arrival): boolean {
  return (
    step.excludedBy === arrival.excludedBy &&
    areEqual(step.positions, arrival.positions) &&
    areEqual(step.matches, arrival.matches)
  )
}

function areEqual(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((value, index) => value === others[index])
}

/** FNV-1a over whole numbers. */
function hashOf({ matches, positions }: Arrival): number {
  let hash = 0x811c9dc5
  for (const number of positions) hash = Math.imul(hash ^ number, 0x01000193)
  for (const number of matches) hash = Math.imul(hash ^ ~number, 0x01000193)
  return hash
}

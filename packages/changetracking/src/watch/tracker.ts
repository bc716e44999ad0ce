import type { FileEntry } from '@tidemark/model'

import { pathFromText, type PathBytes, shownPath } from '../files/file-name.ts'
import { pathPattern, type Walk } from '../files/pattern.ts'

/** Where a walk stands. */
export interface TrackerStep {
  /** Whether the path itself is asked for. */
  readonly matches: boolean
  /** Whether something below it may be. */
  readonly mayDescend: boolean
}

/** What asks for a path. */
export interface Tracker {
  readonly root: TrackerStep
  /** `name` is bytes as latin1 text. */
  step(from: TrackerStep, name: string): TrackerStep
}

/** The folder in front of the first wildcard of each entry, each once. */
export function basesOf(entries: readonly FileEntry[]): PathBytes[] {
  return [...new Set(entries.map((entry) => pathFromText(pathPattern(entry).base)))]
}

interface Union extends TrackerStep {
  readonly walks: readonly (Walk | undefined)[]
  readonly path: string
}

export function openTracker(entries: readonly FileEntry[], _excludes: readonly string[]): Tracker {
  const patterns = entries.map((entry) => pathPattern(entry))
  const stepTo = (path: string, from: Union, name: string): Union => {
    const walks = patterns.map((pattern, index): Walk | undefined => {
      if (path === pattern.base) return pattern.literal?.everything ?? pattern.start
      const before = from.walks[index]
      return before === undefined ? undefined : pattern.step(before, name)
    })
    const isBelow = patterns.some(({ base }) => base.startsWith(path === '/' ? '/' : `${path}/`))
    const isItself = patterns.some(({ literal }) => literal?.path === path)
    return {
      walks,
      path,
      matches: isItself || walks.some((walk) => walk?.isMatch === true),
      mayDescend: isBelow || walks.some((walk) => walk?.mayDescend === true),
    }
  }
  const nowhere: Union = { walks: [], path: '', matches: false, mayDescend: false }
  return {
    root: stepTo('/', nowhere, ''),
    step(from: Union, name: string) {
      const shown = shownPath(name)
      return stepTo(from.path === '/' ? `/${shown}` : `${from.path}/${shown}`, from, shown)
    },
  }
}

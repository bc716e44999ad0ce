import { shownPath, type PathBytes } from '../files/file-name.ts'
import { trackedPaths } from '../files/tracked-paths.ts'
import { basesOf } from './bases.ts'
import { isChangedElsewhere, type Mount, mountOf } from './mounts.ts'
import type { Sources } from './open-sources.ts'
import { isWithin } from '../files/path-parts.ts'
import { Places } from './places.ts'
import type { Alias, Blind, WatchInterests } from './touch.ts'
import type { WatchedMachine } from './watched-machine.ts'

/** What is watched now, and how it is found on this machine. */
export interface Interests {
  readonly places: Places
  /** The tracked folders as they are written. */
  readonly roots: readonly PathBytes[]
  /** Where tracked things really are: of roots and of what links lead to. */
  readonly realRoots: readonly PathBytes[]
  /** Set when something is watched through inotify. */
  usesInotify: boolean
  /** The tracked paths below which something may differ when another filesystem is at these points. */
  rootsAt(points: readonly PathBytes[]): PathBytes[]
  /** The same interests, with links looked at anew. */
  renewed(): Interests
}

/** Makes the filter. A root whose own way goes through symbolic links is watched where it really is. */
export function interestsOf(wanted: WatchInterests, machine: WatchedMachine): Interests {
  const roots = basesOf(wanted.entries)
  const links: Alias[] = roots
    .map((tracked) => ({ real: machine.realPath(tracked), tracked }))
    .filter(({ real, tracked }) => real !== tracked)
  const aliases = [...wanted.aliases, ...links]
  const places = new Places({
    tracked: trackedPaths(wanted.entries, wanted.excludes),
    aliases,
    ignore: wanted.ignore,
    bases: roots,
  })
  const realRoots = [...new Set([...roots.map((root) => machine.realPath(root)), ...aliases.map(({ real }) => real)])]
  return {
    places,
    roots,
    realRoots,
    usesInotify: false,
    rootsAt: (points) => [
      ...new Set(
        points.flatMap((point) => [
          ...roots.filter((root) => isWithin(root, point)),
          ...aliases.flatMap(({ real, tracked }) => (isWithin(real, point) ? [tracked] : [])),
          ...(places.mayHold(point) && roots.some((root) => isWithin(point, root)) ? [point] : []),
        ]),
      ),
    ],
    renewed: () => interestsOf(wanted, machine),
  }
}

/** Gives the interests to the kernel; what cannot be watched as it should be, each with its reason. */
export function watchAll(interests: Interests, sources: Sources, mounts: readonly Mount[]): Blind[] {
  const { places, roots, realRoots } = interests
  const touching = mounts.filter((mount) => places.mayHold(mount.mountPoint))
  const elsewhere = touching.filter(isChangedElsewhere).map((mount): Blind => {
    const where = `${shownPath(mount.mountPoint)} (${mount.type})`
    return {
      root: mount.mountPoint,
      reason: `${where} may be changed by other machines, of which the kernel tells nothing`,
    }
  })
  if (sources.fanotify === undefined) {
    interests.usesInotify = sources.method === 'inotify'
    const blind = sources.inotify()?.watch(places, () => true)
    const all = (): Blind[] => roots.map((root) => ({ root, reason: sources.trouble ?? 'nothing is watched' }))
    return [...elsewhere, ...(blind ?? all())]
  }
  const refused = sources.fanotify.watch(places, mounts, realRoots)
  const refusedMounts = new Set(refused.map(({ mount }) => mount))
  const inotify = refused.length > 0 ? sources.inotify() : undefined
  interests.usesInotify = inotify !== undefined
  const isRefused = (folder: PathBytes): boolean => {
    const mount = mountOf(mounts, folder)
    return mount !== undefined && refusedMounts.has(mount)
  }
  const others = inotify?.watch(places, isRefused) ?? []
  const instead =
    inotify === undefined ? 'the schedule still sees it' : 'it is watched through inotify, which does not tell who'
  return [...elsewhere, ...refused.map(({ blind }) => ({ ...blind, reason: `${blind.reason}: ${instead}` })), ...others]
}

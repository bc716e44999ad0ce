import { lstatSync, type Stats, statSync } from 'node:fs'

import type { PathBytes, PathFacts, PathKind } from '@tidemark/changetracking'

/** What is at a path, without following a symbolic link at its end; `undefined` where nothing is. Throws node's error. */
export function factsOfPath(path: PathBytes): PathFacts | undefined {
  const stats = statsOf(path)
  if (stats === undefined) return undefined
  const kind = kindOf(stats)
  const target = kind === 'link' ? targetOf(path) : undefined
  const throughLink = firstLinkAbove(path)
  return {
    kind,
    ...(target ? { linkTargetKind: target } : {}),
    ...(throughLink === undefined ? {} : { throughLink }),
  }
}

function statsOf(path: PathBytes): Stats | undefined {
  try {
    return lstatSync(bytesOf(path), { throwIfNoEntry: false })
  } catch (error) {
    // Below a file is nothing.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined
    throw error
  }
}

function targetOf(path: PathBytes): PathKind | undefined {
  try {
    return kindOf(statSync(bytesOf(path)))
  } catch {
    return undefined
  }
}

function firstLinkAbove(path: PathBytes): PathBytes | undefined {
  const names = path.split('/').filter((name) => name !== '')
  const above = names.slice(0, -1).map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
  return above.find((folder) => statsOf(folder)?.isSymbolicLink() === true)
}

function kindOf(stats: Stats): PathKind {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return 'link'
  if (stats.isFIFO()) return 'fifo'
  if (stats.isSocket()) return 'socket'
  return stats.isBlockDevice() ? 'block device' : 'character device'
}

function bytesOf(path: PathBytes): Buffer {
  return Buffer.from(path, 'latin1')
}

import { isLocked } from '../host/file-locks.ts'
import { runCommand } from '../host/run.ts'
import { openPackageTree } from '../host/package-tree.ts'
import type { SoftwareMachine } from './source.ts'

/** The machine whose root is this folder; only of this machine's own (`/`) programs are run. */
export function softwareMachine(root: string): SoftwareMachine {
  const tree = openPackageTree(root)
  return {
    tree,
    isLocked: (path) => {
      const place = tree.place(path)
      return place !== undefined && isLocked(place)
    },
    ...(tree.root === '/' ? { run: runCommand } : {}),
  }
}

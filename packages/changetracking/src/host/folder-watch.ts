import { type FSWatcher, watch } from 'node:fs'

/** A folder that is watched until it is closed. */
export interface FolderWatch {
  close(): void
}

/**
 * Tells the name of what comes, goes or is written in a folder, as the kernel does (inotify(7)); not what is below it. Where
 * the kernel allows no watch, the reason. `onEnd` is called when the watch ended by itself: the folder went.
 */
export function watchFolder(
  path: string,
  { onName, onEnd }: { readonly onName: (name: string) => void; readonly onEnd: () => void },
): FolderWatch | string {
  let watcher: FSWatcher
  try {
    watcher = watch(path, { persistent: false, encoding: 'utf8' })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  watcher.on('change', (_kind, name) => onName(String(name ?? '')))
  watcher.on('error', onEnd)
  return { close: () => watcher.close() }
}

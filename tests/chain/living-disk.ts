import type { FaultyDisk, SinkFiles } from '@tidemark/agent/testing'

import type { Life } from './life.ts'

/** A disk as one process has it: what it does is done to the disk until it dies, the last write perhaps in part. */
export function livingDisk(disk: FaultyDisk, life: Life, chance: () => number): SinkFiles {
  const stepping =
    <A extends unknown[], R>(act: (...args: A) => R) =>
    (...args: A): R => {
      life.step()
      return act(...args)
    }
  const looking =
    <A extends unknown[], R>(act: (...args: A) => R) =>
    (...args: A): R => {
      life.assertAlive()
      return act(...args)
    }
  return {
    makeFolder: looking((path) => disk.makeFolder(path)),
    namesIn: looking((path) => disk.namesIn(path)),
    openAppend: stepping((path) => disk.openAppend(path)),
    openEmpty: stepping((path) => disk.openEmpty(path)),
    write: (descriptor, bytes) => {
      life.step(() => void disk.write(descriptor, bytes.subarray(0, Math.floor(chance() * (bytes.length + 1)))))
      return disk.write(descriptor, bytes)
    },
    truncate: stepping((descriptor, sizeBytes) => disk.truncate(descriptor, sizeBytes)),
    sync: async (descriptor) => {
      await Promise.resolve()
      life.step(undefined, 'data sync')
      await disk.sync(descriptor)
    },
    syncNow: stepping((descriptor) => disk.syncNow(descriptor)),
    syncFolder: stepping((path) => disk.syncFolder(path)),
    close: looking((descriptor) => disk.close(descriptor)),
    rename: stepping((from, to) => disk.rename(from, to)),
    remove: stepping((path) => disk.remove(path)),
    removeFolder: stepping((path) => disk.removeFolder(path)),
    read: looking((path, offset, bytesMax) => disk.read(path, offset, bytesMax)),
    sizeOf: looking((path) => disk.sizeOf(path)),
    freeBytes: looking(() => disk.freeBytes()),
  }
}

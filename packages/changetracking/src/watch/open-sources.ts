import { LinuxError } from '@tidemark/linux'

import type { ProcessTable } from '../who/process-table.ts'
import { FanotifySource } from './fanotify-source.ts'
import { InotifySource } from './inotify-source.ts'
import type { WatchMethod } from './touch.ts'
import type { WatchedMachine } from './watched-machine.ts'

/** Where events come from on this machine. */
export interface Sources {
  readonly fanotify: FanotifySource | undefined
  /** Beside fanotify it watches what that cannot; opened when it is needed. */
  inotify(): InotifySource | undefined
  readonly method: WatchMethod
  /** Why it is not better; `undefined` with fanotify. */
  readonly trouble: string | undefined
  close(): void
}

// capabilities(7): events name folders by handles, which this lets open.
const CAP_DAC_READ_SEARCH = 2

/** Opens fanotify where the kernel lets us, else inotify, else nothing. Never throws for what a kernel may refuse. */
export function openSources(machine: WatchedMachine, table: ProcessTable, prefer: 'fanotify' | 'inotify'): Sources {
  const fanotify = prefer === 'fanotify' ? openFanotifySource(machine, table) : 'it was not asked for'
  let inotify: InotifySource | string | undefined
  const openInotifyOnce = (): InotifySource | undefined => {
    inotify ??= orReason(() => new InotifySource(machine))
    return typeof inotify === 'string' ? undefined : inotify
  }
  const isFanotify = typeof fanotify !== 'string'
  const isInotify = !isFanotify && openInotifyOnce() !== undefined
  return {
    fanotify: isFanotify ? fanotify : undefined,
    inotify: openInotifyOnce,
    method: isFanotify ? 'fanotify' : isInotify ? 'inotify' : 'none',
    trouble: troubleOf(isFanotify ? undefined : fanotify, typeof inotify === 'string' ? inotify : undefined),
    close: () => {
      if (isFanotify) fanotify.close()
      if (inotify !== undefined && typeof inotify !== 'string') inotify.close()
    },
  }
}

function openFanotifySource(machine: WatchedMachine, table: ProcessTable): FanotifySource | string {
  if (!machine.hasCapability(CAP_DAC_READ_SEARCH)) return 'it needs root (CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH)'
  return orReason(() => new FanotifySource(machine, table))
}

function orReason<T>(open: () => T): T | string {
  try {
    return open()
  } catch (error) {
    if (error instanceof LinuxError) return error.message
    throw error
  }
}

function troubleOf(noFanotify: string | undefined, noInotify: string | undefined): string | undefined {
  if (noFanotify === undefined) return undefined
  if (noInotify === undefined)
    return `fanotify cannot be used (${noFanotify}): changes are seen at once through inotify, which does not tell who made them`
  return `neither fanotify (${noFanotify}) nor inotify (${noInotify}) can be used: changes are seen on schedule only`
}

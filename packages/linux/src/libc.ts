import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'

import type koffi from 'koffi'

import { LinuxError } from './linux-error.ts'

/** The bridge and the C library behind it, opened at the first call: who never asks the kernel need not load them. */
interface Opened {
  readonly bridge: typeof koffi
  readonly library: ReturnType<typeof koffi.load>
}

let opened: Opened | undefined

/** A function of the C library; who declares one says by its type what it takes, in the words of its prototype. */
type LibcFunction = ReturnType<Opened['library']['func']>

/**
 * A function of the C library by its prototype. Nothing is loaded until it is asked for; then it throws `LinuxError`
 * where there is no bridge, no library, or no such function in it.
 */
export function libcFunction(prototype: string): () => LibcFunction {
  let bound: LibcFunction | undefined
  return () => {
    bound ??= bind(prototype)
    return bound
  }
}

/** The number of the last error of this thread; ask at once after a call returned -1. */
export function lastErrno(): number {
  return open().bridge.errno()
}

/** What to throw after a call returned -1. */
export function callFailed(call: string, errno: number): LinuxError {
  return new LinuxError('call-failed', `${call}: ${errorName(errno)}`, { errno })
}

/** The name of an error's number, `ENOENT`. */
export function errorName(errno: number): string {
  try {
    return getSystemErrorName(-errno)
  } catch {
    return `error ${errno}`
  }
}

function bind(prototype: string): LibcFunction {
  const { library } = open()
  try {
    return library.func(prototype)
  } catch (cause) {
    throw new LinuxError('library-missing', `the C library has no ${prototype}`, { cause })
  }
}

function open(): Opened {
  if (opened !== undefined) return opened
  if (process.platform !== 'linux') {
    throw new LinuxError('not-linux', `this asks the Linux kernel, and this machine runs ${process.platform}`)
  }
  const bridge = loadBridge()
  opened = { bridge, library: loadLibrary(bridge) }
  return opened
}

function loadBridge(): typeof koffi {
  try {
    const bridge: typeof koffi = createRequire(import.meta.url)('koffi')
    return bridge
  } catch (cause) {
    throw new LinuxError('library-missing', 'the package "koffi" cannot be loaded here; run "npm install" again', {
      cause,
    })
  }
}

// glibc, then musl under the names that Alpine gives it.
const LIBRARIES = ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`, 'libc.so'] as const

function loadLibrary(bridge: typeof koffi): Opened['library'] {
  const failures: unknown[] = []
  for (const name of LIBRARIES) {
    try {
      return bridge.load(name)
    } catch (error) {
      failures.push(error)
    }
  }
  throw new LinuxError('library-missing', `none of ${LIBRARIES.join(', ')} can be opened`, { cause: failures })
}

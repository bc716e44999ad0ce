import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'

import type koffi from 'koffi'

import { LinuxError } from './linux-error.ts'

/** The C library, opened at the first call: who never asks the kernel need not load the bridge to it. */
export interface Libc {
  flock(descriptor: number, operation: number): number
  getsockopt(descriptor: number, level: number, option: number, value: Buffer, bytes: Buffer): number
  errno(): number
}

let opened: Libc | undefined

export function libc(): Libc {
  opened ??= open()
  return opened
}

/** What to throw after a call returned -1. */
export function callFailed(call: string, errno: number): LinuxError {
  return new LinuxError('call-failed', `${call}: ${errorName(errno)}`, { errno })
}

function open(): Libc {
  if (process.platform !== 'linux') {
    throw new LinuxError('not-linux', `this asks the Linux kernel, and this machine runs ${process.platform}`)
  }
  const bridge = loadBridge()
  const library = loadLibrary(bridge)
  return {
    flock: library.func('int flock(int fd, int operation)'),
    getsockopt: library.func('int getsockopt(int fd, int level, int option, _Out_ void *value, _Inout_ void *bytes)'),
    errno: () => bridge.errno(),
  }
}

function loadBridge(): typeof koffi {
  try {
    const bridge: typeof koffi = createRequire(import.meta.url)('koffi')
    return bridge
  } catch (cause) {
    throw new LinuxError('library-missing', 'the package "koffi" cannot be loaded here; run "npm ci" again', { cause })
  }
}

// glibc, then musl under the names that Alpine gives it.
const LIBRARIES = ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`, 'libc.so'] as const

function loadLibrary(bridge: typeof koffi): ReturnType<typeof koffi.load> {
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

function errorName(errno: number): string {
  try {
    return getSystemErrorName(-errno)
  } catch {
    return `error ${errno}`
  }
}

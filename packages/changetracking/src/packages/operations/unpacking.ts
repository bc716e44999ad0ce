import type { LogFiles } from './log-files.ts'
import { linesOf } from './log-lines.ts'

/** Bytes of dpkg's log that are read at once; of more, what is newest. */
const TAIL_BYTES_MAX = 256 * 1024
const DPKG_LOG = '/var/log/dpkg.log'
const DPKG_LOCKS = ['/var/lib/dpkg/lock']
const RPM_LOCKS = ['/var/lib/rpm/.rpm.lock', '/usr/lib/sysimage/rpm/.rpm.lock']

/**
 * What package managers are in the middle of: files are in place, and the database does not say so yet. dpkg logs
 * `half-installed` before the first file of a package and the next state when its database is right again; of a conffile the
 * same from `configure` to `half-configured`. rpm says nothing: while it works, it is in the middle of everything.
 */
export class Unpacking {
  readonly #files: LogFiles
  readonly #open = new Map<string, string>()
  #at: { readonly inode: string; readonly offset: number } | undefined
  #count = 0

  constructor(files: LogFiles) {
    this.#files = files
  }

  /** Names of what is unfinished now; each begin has a name of its own. */
  unfinished(): ReadonlySet<string> {
    this.#read()
    // Whoever was killed finishes nothing.
    const dpkg = this.#open.size > 0 && this.#files.isLocked(DPKG_LOCKS) !== false ? [...this.#open.values()] : []
    const rpm = RPM_LOCKS.filter((path) => this.#files.isLocked([path]) === true)
    return new Set([...dpkg, ...rpm])
  }

  #read(): void {
    const status = this.#files.status(DPKG_LOG)
    if (status === undefined) return this.#open.clear()
    const { inode, sizeBytes } = status
    if (this.#at?.inode === inode && this.#at.offset === sizeBytes) return
    const isSame = this.#at?.inode === inode && this.#at.offset <= sizeBytes
    if (!isSame) this.#open.clear()
    const from = Math.max(isSame ? (this.#at?.offset ?? 0) : 0, sizeBytes - TAIL_BYTES_MAX)
    const text = this.#files.read(DPKG_LOG, from, sizeBytes - from)
    for (const { text: line } of linesOf(text)) this.#take(line)
    this.#at = { inode, offset: from + text.lastIndexOf('\n') + 1 }
  }

  #take(line: string): void {
    const [, , word, first = '', second = ''] = line.split(' ')
    if (word === 'startup') this.#open.clear()
    else if (word === 'configure') this.#begin(first)
    else if (word === 'status' && first === 'half-installed') this.#begin(second)
    else if (word === 'status') this.#open.delete(second)
  }

  #begin(name: string): void {
    this.#count += 1
    this.#open.set(name, `${name} ${this.#count}`)
  }
}

import { parseAptHistory } from './apt-history.ts'
import { dnfHistory, type DnfHistoryOptions } from './dnf-history.ts'
import { parseDpkgLog } from './dpkg-log.ts'
import type { LogFiles } from './log-files.ts'
import { parsePacmanLog } from './pacman-log.ts'
import { rpmHistory } from './rpm-history.ts'
import { type SourceReader, textSource } from './text-source.ts'

// apt holds the first for all of its operation, dpkg both while it runs (dpkg(1), apt's `lock-frontend`).
const DPKG_LOCKS = ['/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock']

/** Every log and history that operations are read from. Adding one is a parser and a line here. */
export function logSources(files: LogFiles, dnf: Omit<DnfHistoryOptions, 'files'>): SourceReader[] {
  return [
    textSource(files, { source: 'apt', path: '/var/log/apt/history.log', locks: DPKG_LOCKS, parse: parseAptHistory }),
    textSource(files, { source: 'dpkg', path: '/var/log/dpkg.log', locks: DPKG_LOCKS, parse: parseDpkgLog }),
    textSource(files, {
      source: 'pacman',
      path: '/var/log/pacman.log',
      locks: ['/var/lib/pacman/db.lck'],
      parse: parsePacmanLog,
    }),
    dnfHistory({ ...dnf, files }),
    rpmHistory(files, dnf.place),
  ]
}

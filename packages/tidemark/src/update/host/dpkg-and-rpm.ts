import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

import type { Installer } from '../install-signed.ts'

/** How long one command of a package manager may take, in milliseconds: scripts of packages run in it. */
const COMMAND_MS_MAX = 600_000
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' }

/** Standard output of a command; throws with what it wrote on standard error. */
function output(program: string, words: readonly string[]): string {
  try {
    return execFileSync(program, words, {
      encoding: 'utf8',
      env: ENVIRONMENT,
      timeout: COMMAND_MS_MAX,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    throw new Error(`${program}: ${said || String(cause)}`, { cause })
  }
}

/** dpkg; `options` go to the command that installs (dpkg(1)). */
export function dpkgInstaller(options: readonly string[] = []): Installer {
  const admin = options.filter((option) => option.startsWith('--root=')).map((option) => option.replace('--root=', ''))
  const database = admin.map((root) => `--admindir=${root}/var/lib/dpkg`)
  return {
    architecture: output('dpkg', ['--print-architecture']).trim(),
    facts: (path) => {
      const [name = '', version = '', architecture = ''] = ['Package', 'Version', 'Architecture'].map((field) =>
        output('dpkg-deb', ['--field', path, field]).trim(),
      )
      return { name, version, architecture }
    },
    installedVersion: (name) => {
      const format = '${db:Status-Status} ${Version}\n'
      try {
        const [status, version] = output('dpkg-query', [...database, '-W', '-f', format, name])
          .trim()
          .split(' ')
        return status === 'installed' ? version : undefined
      } catch {
        return undefined
      }
    },
    compareVersions: (one, other) => {
      const is = (relation: string): boolean => {
        try {
          output('dpkg', ['--compare-versions', one, relation, other])
          return true
        } catch {
          return false
        }
      }
      return is('lt') ? -1 : is('gt') ? 1 : 0
    },
    install: (path) => void output('dpkg', [...options, '--install', path]),
  }
}

/** rpm; `options` go to every command that reads or changes its database. */
export function rpmInstaller(options: readonly string[] = []): Installer {
  return {
    architecture: output('rpm', ['--eval', '%{_arch}']).trim(),
    facts: (path) => {
      const format = '%{NAME} %{VERSION}-%{RELEASE} %{ARCH}\n'
      const [name = '', version = '', architecture = ''] = output('rpm', ['-qp', '--nosignature', '--qf', format, path])
        .trim()
        .split(' ')
      return { name, version, architecture }
    },
    installedVersion: (name) => {
      try {
        return output('rpm', [...options, '-q', '--qf', '%{VERSION}-%{RELEASE}', name]).trim()
      } catch {
        return undefined
      }
    },
    compareVersions: (one, other) => {
      // Only characters of versions come into the macro: it is a program.
      for (const version of [one, other])
        if (!/^[A-Za-z0-9._+~^-]+$/.test(version)) throw new Error(`"${version}" is no version`)
      return Number(output('rpm', ['--eval', `%{lua: print(rpm.vercmp("${one}", "${other}"))}`]).trim())
    },
    install: (path) => void output('rpm', [...options, '-U', '--oldpackage', '--nosignature', path]),
  }
}

/** The package manager of this machine, dpkg before rpm as Debian has both; `undefined` where there is none. */
export function thisInstaller(): Installer | undefined {
  if (existsSync('/var/lib/dpkg/status')) return dpkgInstaller()
  return existsSync('/usr/bin/rpm') ? rpmInstaller() : undefined
}

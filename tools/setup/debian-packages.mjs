import { existsSync } from 'node:fs'

import { run } from './run.mjs'
import { say } from './say.mjs'

/** What the tests drive besides Node, and what for. */
export const packagesForTests = {
  chromium: 'the portal in a real browser',
  'golang-go': 'our database against Go’s bbolt',
  'golang-github-coreos-bbolt-dev': 'our database against Go’s bbolt',
  'golang-github-ugorji-go-codec-dev': 'our records against the original’s codec',
  rpm: 'software on an rpm machine',
  'dpkg-dev': 'packages that are installed, upgraded and removed',
  debsums: 'verdicts on files against debsums',
  fakeroot: 'packages that are installed, upgraded and removed',
  'systemd-container': 'machines booted in containers',
  debootstrap: 'machines booted in containers',
  dbus: 'machines booted in containers',
  iproute2: 'the sockets’ names in ss -x',
  time: 'what whole processes take, in benches',
  procps: 'memory and processes',
  acl: 'access control lists against getfacl',
  attr: 'extended attributes against getfattr',
  'libcap2-bin': 'file capabilities against getcap',
  'pacman-package-manager': 'software on a pacman machine',
  dnf: 'a root that dnf installed',
  'createrepo-c': 'a root that dnf installed',
  postgresql: 'the metadata of several servers in PostgreSQL',
  e2fsprogs: 'file attributes against lsattr, small disks of machines',
  libfaketime: 'clocks of machines that jump',
  'clickhouse-server': 'the plumbing of a ClickHouse cluster',
  zookeeper: 'the plumbing of a ClickHouse cluster',
}

/** Installs what is missing where that is possible; else says which tests will be skipped. Never fails the run. */
export async function installDebianPackages() {
  if (!existsSync('/usr/bin/apt-get')) {
    say('No apt-get here: tests that need more than Node are skipped where their tools are missing.')
    return
  }
  const missing = await missingOf(Object.keys(packagesForTests))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) {
    say(`Not root, so these Debian packages stay missing, and tests that need them are skipped:\n${table(missing)}`)
    return
  }
  say(`Installing Debian packages for the tests:\n${table(missing)}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const updated = await run('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  if (updated.code !== 0) say(`apt-get update failed, trying with what is known:\n${updated.output.trim()}`)
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...missing]
  const { code, output } = await run('apt-get', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  if (code !== 0) say(`apt-get install failed; tests that need these are skipped:\n${lastLines(output)}`)
}

async function missingOf(names) {
  const { output } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const there = new Set(output.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])))
  return names.filter((name) => !there.has(name))
}

function table(names) {
  return names.map((name) => `  ${name.padEnd(36)} ${packagesForTests[name]}`).join('\n')
}

function lastLines(output) {
  return output.trim().split('\n').slice(-10).join('\n')
}

import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A root with one package database, and the described command for it. */
export interface Database {
  readonly what: string
  readonly root: string
  readonly command: string
}

const FORMAT =
  "Name:${Package}\\nDescription:${Description}\\nMaintainer:${Maintainer}\\n'Unknown';4\\nSize:${Installed-Size}\\nVersion:${Version}\\nStatus:${Status}\\n${db:Status-Status}\\nArch:${Architecture}\\n\\n"
const RPM_FORMAT =
  '%{NAME}; %{SUMMARY}; %{PACKAGER}; %{INSTALLTIME}; %{SIZE}; %{EPOCH}:%{VERSION}-%{RELEASE}; installed; %{ARCH}\\n@@'

/** The dpkg database of this machine, where it has one. */
export function ownDpkg(folder: string): Database | undefined {
  if (!existsSync('/var/lib/dpkg/status')) return undefined
  return dpkgDatabase(join(folder, 'own'), {
    what: 'dpkg, this machine',
    fill: (status) => copyFileSync('/var/lib/dpkg/status', status),
  })
}

/** A dpkg database with so many packages, each like one of Debian. */
export function manyDpkg(folder: string, count: number): Database {
  return dpkgDatabase(join(folder, `dpkg-${count}`), {
    what: `dpkg, ${count.toLocaleString('en-GB')} packages`,
    fill: (status) => writeFileSync(status, Array.from({ length: count }, (_, index) => stanza(index)).join('\n')),
  })
}

function dpkgDatabase(
  root: string,
  { what, fill }: { readonly what: string; readonly fill: (status: string) => void },
): Database {
  const admin = join(root, 'var/lib/dpkg')
  mkdirSync(join(admin, 'updates'), { recursive: true })
  mkdirSync(join(admin, 'info'))
  fill(join(admin, 'status'))
  return { what, root, command: `dpkg-query --admindir '${admin}' -W -f '${FORMAT.replaceAll("'", `'"'"'`)}'` }
}

function stanza(index: number): string {
  const name = `libpackage${String(index).padStart(5, '0')}-dev`
  return `Package: ${name}
Status: install ok installed
Priority: optional
Section: libdevel
Installed-Size: ${100 + index}
Maintainer: Debian Someone Maintainers <pkg-${index % 97}-maintainers@lists.alioth.debian.org>
Architecture: amd64
Multi-Arch: same
Source: package${index}
Version: ${index % 5}:1.2.${index}-3+deb12u1
Depends: libc6 (>= 2.34), libpackage${index}-0 (= 1.2.${index}-3+deb12u1), zlib1g (>= 1:1.2.0)
Conffiles:
 /etc/package${index}/one.conf 0123456789abcdef0123456789abcdef
Description: development files of a package that only a bench has
 This package has what is needed to build programs with it: headers, static
 libraries and symbolic links.
 .
 It is like most packages of Debian in the length of what it says.
Homepage: https://example.org/package${index}
`
}

/** An rpm database with so many packages, built here; `undefined` where rpm and rpmbuild are missing. */
export function manyRpm(folder: string, count: number): Database | undefined {
  if (!existsSync('/usr/bin/rpm') || !existsSync('/usr/bin/rpmbuild')) return undefined
  const root = join(folder, `rpm-${count}`)
  const database = join(root, 'var/lib/rpm')
  mkdirSync(database, { recursive: true })
  const build = join(folder, 'build')
  mkdirSync(build)
  const numbers = Array.from({ length: count }, (_, index) => index)
  const parts = numbers.map(
    (index) =>
      `%package -n package${index}\nSummary: Package ${index} of a bench\nRequires: one, two >= 3\n%description -n package${index}\nx\n%files -n package${index}\n`,
  )
  const head = `Name: many\nVersion: 1\nRelease: 1\nSummary: many\nLicense: MIT\nPackager: A <a@example.org>\nBuildArch: noarch\n%description\nx\n`
  writeFileSync(join(build, 'many.spec'), head + parts.join(''))
  const define = ['--define', `_topdir ${build}`, '--define', '_binary_payload w0.ufdio']
  execFileSync('rpmbuild', ['-bb', ...define, join(build, 'many.spec')], { stdio: 'ignore' })
  const files = readdirSync(join(build, 'RPMS/noarch')).map((name) => join(build, 'RPMS/noarch', name))
  execFileSync('rpm', ['--dbpath', database, '--justdb', '--nodeps', '-i', ...files], { stdio: 'ignore' })
  const command = `rpm --dbpath '${database}' -qa --queryformat '${RPM_FORMAT}' | sed "s/(none)/0/g"`
  return { what: `rpm, ${count.toLocaleString('en-GB')} packages`, root, command }
}

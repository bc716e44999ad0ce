import { DpkgDatabase } from './dpkg-database.ts'
import type { PackageDatabase } from './package-database.ts'
import type { PackageFiles } from './package-files.ts'
import { RpmFileDatabase, rpmDatabasePath } from './rpm-database.ts'

/** The databases of the package managers that are there. Adding one is a file and a line here. */
export function packageDatabases(files: PackageFiles): PackageDatabase[] {
  const there = (path: string): boolean => files.stamp(path) !== undefined
  const rpm = rpmDatabasePath(files)
  return [
    ...(there('/var/lib/dpkg/status') ? [new DpkgDatabase(files)] : []),
    ...(rpm === undefined ? [] : [new RpmFileDatabase(files, rpm)]),
  ]
}

import { DpkgDatabase } from './dpkg-database.ts'
import type { PackageDatabase } from './package-database.ts'
import type { PackageFiles } from './package-files.ts'

/** The databases of the package managers that are there. Adding one is a file and a line here. */
export function packageDatabases(files: PackageFiles): PackageDatabase[] {
  const there = (path: string): boolean => files.stamp(path) !== undefined
  return there('/var/lib/dpkg/status') ? [new DpkgDatabase(files)] : []
}

import { ApkDatabase, apkFolder } from './apk-database.ts'
import { DpkgDatabase } from './dpkg-database.ts'
import type { PackageDatabase } from './package-database.ts'
import type { PackageFiles } from './package-files.ts'
import { PacmanDatabase } from './pacman-database.ts'
import { RpmFileDatabase, rpmDatabasePath } from './rpm-database.ts'

/** The databases of the package managers that are there. Adding one is a file and a line here. */
export function packageDatabases(files: PackageFiles): PackageDatabase[] {
  const there = (path: string): boolean => files.stamp(path) !== undefined
  const [rpm, apk] = [rpmDatabasePath(files), apkFolder(files)]
  return [
    ...(there('/var/lib/dpkg/status') ? [new DpkgDatabase(files)] : []),
    ...(rpm === undefined ? [] : [new RpmFileDatabase(files, rpm)]),
    ...(there('/var/lib/pacman/local') ? [new PacmanDatabase(files)] : []),
    ...(apk === undefined ? [] : [new ApkDatabase(files, apk)]),
  ]
}

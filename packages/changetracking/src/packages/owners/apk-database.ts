import type { PathBytes } from '../../files/file-name.ts'
import { foundPath, mergedFolders } from './merged-folders.ts'
import type { Expected, InstalledName, OwnedFile, PackageDatabase } from './package-database.ts'
import type { PackageFiles } from './package-files.ts'

// The second since apk-tools 3.
const FOLDERS = ['/lib/apk/db', '/usr/lib/apk/db'] as const

/** apk's own database, one text for all packages. */
export class ApkDatabase implements PackageDatabase {
  readonly source = 'apk'
  readonly #files: PackageFiles
  readonly #folder: string

  constructor(files: PackageFiles, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  isAtWork(): boolean {
    return this.#files.isLocked([`${this.#folder}/lock`]) === true
  }

  owners(paths: readonly PathBytes[]): ReadonlyMap<PathBytes, OwnedFile> {
    const merged = mergedFolders(this.#files)
    const wanted = new Map(paths.map((path) => [foundPath(path, merged), path]))
    const owned = new Map<PathBytes, OwnedFile>()
    for (const { path, file } of this.#all()) {
      const asked = wanted.get(foundPath(path, merged))
      if (asked !== undefined) owned.set(asked, file)
    }
    return owned
  }

  packages(): readonly InstalledName[] {
    const names = new Map<string, InstalledName>()
    for (const { name, version } of parseApkFiles(this.#text())) names.set(name, { key: name, name, version })
    return [...names.values()]
  }

  *files(key: string): Iterable<readonly [PathBytes, OwnedFile]> {
    const merged = mergedFolders(this.#files)
    for (const { path, file } of this.#all()) if (file.package === key) yield [foundPath(path, merged), file]
  }

  *#all(): Generator<{ readonly path: PathBytes; readonly file: OwnedFile }> {
    for (const { name, version, path, sha1 } of parseApkFiles(this.#text())) {
      const expected: Expected =
        sha1 === undefined
          ? { kind: 'unknown', why: 'apk keeps checksums of files only' }
          : { kind: 'content', algorithm: 'sha1', hex: sha1, mayBeLink: true }
      // apk protects what is below /etc from being overwritten (apk(8), protected paths).
      const isConfig = path.startsWith('/etc/')
      if (path !== '') yield { path, file: { package: name, version, isConfig, isSettled: false, expected } }
    }
  }

  #text(): string {
    return this.#files.read(`${this.#folder}/installed`)?.toString('latin1') ?? ''
  }
}

/** The folder of apk's database, where it is one that is read here. */
export function apkFolder(files: Pick<PackageFiles, 'stamp'>): string | undefined {
  return FOLDERS.find((folder) => files.stamp(`${folder}/installed`) !== undefined)
}

/** A file of apk's database; a package begins with one that has no path. */
interface ApkFile {
  readonly name: string
  readonly version: string
  readonly path: PathBytes
  readonly sha1: string | undefined
}

/** Reads `installed`: `P:` name, `V:` version, `F:` folder, `R:` name in it, `Z:Q1` its SHA-1 in base64 (apk-package(5)). */
export function* parseApkFiles(text: string): Generator<ApkFile> {
  let [name, version, folder, path] = ['', '', '', '']
  for (const line of `${text}\n`.split('\n')) {
    const [key, value] = [line.slice(0, 2), line.slice(2)]
    // The checksum is on a line behind its file: who comes without one has none.
    if (path !== '' && key !== 'a:') {
      const sha1 =
        key === 'Z:' && value.startsWith('Q1') ? Buffer.from(value.slice(2), 'base64').toString('hex') : undefined
      yield { name, version, path, sha1 }
      path = ''
    }
    if (line === '') [name, version, folder] = ['', '', '']
    else if (key === 'P:') name = value
    else if (key === 'V:') {
      version = value
      yield { name, version, path: '', sha1: undefined }
    } else if (key === 'F:') folder = value === '' ? '' : `/${value}`
    else if (key === 'R:') path = `${folder}/${value}`
  }
}

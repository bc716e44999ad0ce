import { countOf, type PackageFacts } from '../item.ts'

/** What apk's database says, or the first thing in it that is not understood. */
export type ApkDatabase =
  | { readonly kind: 'read'; readonly packages: readonly PackageFacts[] }
  | { readonly kind: 'refused'; readonly problem: string }

// apk-package(5) and the source of apk-tools: lines of a letter, a colon and a value; an empty line ends a package.
const LETTERS = /^[A-Za-z]:/
/** What `f:` says is broken (apk-tools, `apk_db_write_fdb`); `S` there says only how checksums are made. */
const BROKEN: Readonly<Record<string, string>> = { f: 'files', s: 'script', x: 'xattrs' }

/** Reads `installed`, the database of apk. Total; ends at the first problem. */
export function parseApkInstalled(text: string): ApkDatabase {
  const packages: PackageFacts[] = []
  let fields: Record<string, string> = {}
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') {
      const facts = factsOf(fields)
      if (typeof facts === 'string') return refused(index, facts)
      if (facts !== undefined) packages.push(facts)
      fields = {}
    } else if (LETTERS.test(line)) fields[line[0] ?? ''] ??= line.slice(2)
    else return refused(index + 1, 'no letter with a colon begins this line')
  }
  const torn = Object.keys(fields).length > 0
  return torn
    ? refused(text.split('\n').length, 'the file ends in the middle of a package')
    : { kind: 'read', packages }
}

function factsOf(fields: Readonly<Record<string, string>>): PackageFacts | string | undefined {
  const { P: name = '', V: version = '', A: architecture = '', T: description = '', m: publisher = '' } = fields
  if (Object.keys(fields).length === 0) return undefined
  if (name === '' || version === '') return 'the package before has no name (P:) or no version (V:)'
  const broken = [...(fields['f'] ?? '')].flatMap((letter) => BROKEN[letter] ?? [])
  return {
    name,
    version,
    architecture,
    description,
    publisher,
    status: broken.length === 0 ? 'installed' : `installed, broken ${broken.join(', ')}`,
    sizeBytes: countOf(fields['I']),
  }
}

function refused(line: number, problem: string): ApkDatabase {
  return { kind: 'refused', problem: `line ${line}: ${problem}` }
}

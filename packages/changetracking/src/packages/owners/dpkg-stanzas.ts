/** What dpkg's status says of one package, as far as owners and verdicts need it. */
export interface DpkgStanza {
  readonly name: string
  readonly architecture: string
  readonly version: string
  /** `installed`, `half-installed`, … */
  readonly state: string
  /** MD5 of each conffile as the package brought it, by path; `newconffile` where dpkg did not get so far. */
  readonly conffiles: ReadonlyMap<string, string>
}

/** The stanzas of a package, one for each architecture, in a status file or an update of it (deb-control(5)). latin1. */
export function stanzasOf(status: Buffer, name: string): DpkgStanza[] {
  const stanzas: DpkgStanza[] = []
  const sought = `Package: ${name}\n`
  for (let at = status.indexOf(sought, 0, 'latin1'); at >= 0; at = status.indexOf(sought, at + 1, 'latin1')) {
    if (at > 0 && status[at - 1] !== NEWLINE) continue
    const end = status.indexOf('\n\n', at, 'latin1')
    stanzas.push(parseStanza(status.toString('latin1', at, end < 0 ? status.length : end + 1)))
  }
  return stanzas
}

const NEWLINE = 0x0a

/** Reads one stanza; fields that are missing are empty. */
export function parseStanza(text: string): DpkgStanza {
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1] ?? ''
  const conffiles = new Map<string, string>()
  const begin = /^Conffiles:[^\n]*\n/m.exec(text)
  if (begin !== null)
    for (const line of text.slice(begin.index + begin[0].length).split('\n')) {
      if (!line.startsWith(' ')) break
      // ` /etc/a b.conf 0123… obsolete`
      const [, path, md5] = /^ (\/.*?) ([0-9a-f]{32}|newconffile)(?: [a-z-]+)*$/.exec(line) ?? []
      if (path !== undefined && md5 !== undefined) conffiles.set(path, md5)
    }
  return {
    name: field('Package'),
    architecture: field('Architecture'),
    version: field('Version'),
    state: field('Status').split(' ').at(-1) ?? '',
    conffiles,
  }
}

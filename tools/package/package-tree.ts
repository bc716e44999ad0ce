import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import type { Architecture, Binaries } from './binaries.ts'
import type { Notice } from './bundle.ts'
import { PackageError, repository } from './facts.ts'
import { machineOf, trimmed } from './trim-elf.ts'

const PROGRAM = 'usr/lib/tidemark/program'
const DOCUMENTS = 'usr/share/doc/tidemark-agent'
const UNITS = 'usr/lib/systemd/system'

/** Lays out below `tree` what a package installs, with the modes that it has there. */
export function layOutTree(parts: {
  readonly tree: string
  /** Folder of the bundle. */
  readonly program: string
  readonly notices: readonly Notice[]
  readonly binaries: Binaries
}): void {
  const { tree, program, notices, binaries } = parts
  const put = (from: string, to: string, mode = 0o644): void => {
    mkdirSync(dirname(join(tree, to)), { recursive: true })
    copyFileSync(from, join(tree, to))
    chmodSync(join(tree, to), mode)
  }
  putBinaries(tree, binaries)
  mkdirSync(join(tree, PROGRAM), { recursive: true })
  cpSync(program, join(tree, PROGRAM), { recursive: true })
  write(join(tree, PROGRAM, 'package.json'), '{ "type": "module" }\n')
  const ours = (path: string): string => join(repository, path)
  put(ours('packaging/files/tidemark'), 'usr/bin/tidemark', 0o755)
  put(ours('packaging/files/agent.json'), 'usr/share/tidemark/agent.json')
  for (const unit of ['tidemark-agent.service', 'tidemark-agent.path', 'tidemark-changetracking.service'])
    put(ours(`packaging/systemd/${unit}`), `${UNITS}/${unit}`)
  put(ours('packaging/systemd/tmpfiles.conf'), 'usr/lib/tmpfiles.d/tidemark-agent.conf')
  put(ours('packaging/files/purge'), 'usr/share/tidemark/purge')
  put(ours('docs/operating/install.md'), `${DOCUMENTS}/README.md`)
  put(ours('docs/operating/agent.md'), `${DOCUMENTS}/agent.md`)
  write(join(tree, DOCUMENTS, 'copyright'), copyrightText(notices, binaries))
}

function putBinaries(tree: string, { arch, node, koffi }: Binaries): void {
  const own = join(tree, 'usr/lib/tidemark/bin/node')
  putExecutable({ from: join(node, 'bin/node'), to: own, arch, mode: 0o755 })
  const modules = join(tree, PROGRAM, 'node_modules')
  const bridge = join(repository, 'node_modules/koffi')
  for (const path of ['package.json', 'index.cjs', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs'])
    write(join(modules, 'koffi', path), readFileSync(join(bridge, path), 'utf8'))
  const native = `@koromix/koffi-linux-${arch}`
  for (const path of ['package.json', 'index.js'])
    write(join(modules, native, path), readFileSync(join(koffi, path), 'utf8'))
  // That of musl stays out: so does a Node for musl.
  const library = `linux_${arch}/koffi.node`
  putExecutable({ from: join(koffi, library), to: join(modules, native, library), arch, mode: 0o644 })
}

function putExecutable(what: {
  readonly from: string
  readonly to: string
  readonly arch: Architecture
  readonly mode: number
}): void {
  const bytes = readFileSync(what.from)
  if (machineOf(bytes) !== what.arch) throw new PackageError(`${what.from} is for ${machineOf(bytes)}, not ${what.arch}`)
  mkdirSync(dirname(what.to), { recursive: true })
  writeFileSync(what.to, trimmed(bytes))
  chmodSync(what.to, what.mode)
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, 0o644)
}

function copyrightText(notices: readonly Notice[], { node }: Binaries): string {
  const ours = readFileSync(join(repository, 'LICENSE'), 'utf8').trim()
  const nodes = readFileSync(join(node, 'LICENSE'), 'utf8').trim()
  const others = notices.map(({ name, version, text }) => section(`${name} ${version}`, text))
  return [section('Tidemark', ours), ...others, section(`Node.js (${basename(node)})`, nodes), ''].join('\n\n')
}

function section(title: string, text: string): string {
  return `${title}\n${'='.repeat(title.length)}\n\n${text}`
}

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Architecture } from './binaries.ts'
import { type PackageOptions, script } from './deb.ts'
import { runTool } from './facts.ts'
import { description, maintainer } from './words.ts'

const RPM: Readonly<Record<Architecture, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/** Builds an RPM package (rpm.org, spec file format); returns its path. Throws `PackageError` where rpmbuild fails. */
export function buildRpm({ tree, out, arch, version, isFast, dateS }: PackageOptions): string {
  const work = `${tree}.rpm`
  mkdirSync(work, { recursive: true })
  const spec = join(work, 'tidemark-agent.spec')
  writeFileSync(spec, specText({ tree, version }))
  const macros = {
    _topdir: work,
    _rpmdir: out,
    _rpmfilename: `tidemark-agent-${version}-1.${RPM[arch]}.rpm`,
    _buildhost: 'tidemark',
    _build_id_links: 'none',
    // Both of RHEL 8 and of SLES 15 read it.
    _binary_payload: isFast ? 'w1.gzdio' : 'w6T2.xzdio',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    // Nothing of ours is stripped, compiled or checked for what the tree lacks: it is done.
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
  }
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  const words = ['-bb', '--quiet', '--target', `${RPM[arch]}-linux`, ...defines, spec]
  runTool('rpmbuild', words, { ...process.env, SOURCE_DATE_EPOCH: String(dateS) })
  rmSync(work, { recursive: true })
  return join(out, macros._rpmfilename)
}

function specText({ tree, version }: { readonly tree: string; readonly version: string }): string {
  const values: Readonly<Record<string, string>> = {
    version,
    tree,
    summary: description.short,
    description: description.long.join('\n'),
    maintainer,
  }
  const text = script('packaging/rpm/tidemark-agent.spec')
  return text.replaceAll(/@@([a-z]+)@@/g, (mark, name: string) => values[name] ?? mark)
}


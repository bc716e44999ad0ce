// node tools/package/build.ts --out DIR [--arch x64|arm64] [--format deb|rpm] [--version V] [--fast] [--sign KEY]
// Builds the packages of tidemark-agent, and prints the path of each on a line of its own (packaging/README.md).
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { architectures, binariesOf } from './binaries.ts'
import { bundleProgram } from './bundle.ts'
import { buildDeb } from './deb.ts'
import { PackageError, packageVersion, sourceDate } from './facts.ts'
import { layOutTree } from './package-tree.ts'
import { buildRpm } from './rpm.ts'
import { signFiles } from './signatures.ts'

const formats = ['deb', 'rpm'] as const

await main().catch((error: unknown) => {
  if (!(error instanceof PackageError) && !isWordsError(error)) throw error
  console.error(`package: ${error.message}`)
  process.exitCode = error instanceof PackageError ? 1 : 2
})

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'dist/packages' },
      arch: { type: 'string', multiple: true, default: [...architectures] },
      format: { type: 'string', multiple: true, default: [...formats] },
      version: { type: 'string' },
      fast: { type: 'boolean', default: false },
      sign: { type: 'string' },
    },
  })
  const wanted = { arch: chosen('arch', values.arch, architectures), format: chosen('format', values.format, formats) }
  const version = packageVersion(values.version)
  const out = resolve(values.out)
  mkdirSync(out, { recursive: true })
  const work = mkdtempSync(join(tmpdir(), 'tidemark-package-'))
  try {
    const program = join(work, 'program')
    const notices = await bundleProgram(program, version)
    const built: string[] = []
    for (const arch of wanted.arch) {
      const tree = join(work, arch)
      layOutTree({ tree, program, notices, binaries: binariesOf(arch) })
      const options = { tree, out, arch, version, isFast: values.fast, dateS: sourceDate() }
      for (const format of wanted.format) built.push(format === 'deb' ? buildDeb(options) : buildRpm(options))
    }
    signFiles(out, built, values.sign)
    for (const path of built) console.log(path)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function chosen<T extends string>(option: string, said: readonly string[], known: readonly T[]): readonly T[] {
  const unknown = said.find((word) => !known.some((each) => each === word))
  if (unknown !== undefined) throw new PackageError(`--${option} is ${known.join(' or ')}, not "${unknown}"`)
  return known.filter((each) => said.includes(each))
}

function isWordsError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}


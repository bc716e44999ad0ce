#!/usr/bin/env node
// `npm run bench [-- NAME…] [--once] [--full] [--contestants] [--record] [--datasheet]`: measures the promises of the docs,
// see bench/README.md.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

import { benchFiles } from './setup/bench-files.mjs'
import { install } from './setup/install.mjs'
import { ownEnvironment, root } from './setup/places.mjs'
import { buildPortal } from './setup/portal.mjs'
import { run } from './setup/run.mjs'
import { runMain, say, SetupError } from './setup/say.mjs'

await runMain(async () => {
  const args = process.argv.slice(2)
  const names = args.filter((arg) => !arg.startsWith('--'))
  const chosen = benchFiles().filter(({ name }) => names.length === 0 || names.includes(name))
  const unknown = names.filter((name) => !chosen.some((each) => each.name === name))
  if (unknown.length > 0)
    throw new SetupError(
      `No bench ${unknown.join(', ')}. There are: ${benchFiles()
        .map(({ name }) => name)
        .join(', ')}`,
      64,
    )
  const node = await install()
  await buildPortal(node)
  let failed = 0
  for (const bench of chosen) {
    const isGood = await measure(bench, node, {
      isOnce: args.includes('--once'),
      isFull: args.includes('--full') || args.includes('--record'),
      hasContestants: args.includes('--contestants'),
      isRecorded: args.includes('--record'),
    })
    if (!isGood) failed += 1
  }
  if (failed === 0 && args.includes('--datasheet')) {
    const { code } = await run(node, ['bench/datasheet.ts', '--write'], { cwd: root, env: ownEnvironment() })
    if (code !== 0) failed += 1
  }
  return failed === 0 ? 0 : 1
})

async function measure({ name, path }, node, { isOnce, isFull, hasContestants, isRecorded }) {
  say(`\n— ${name}`)
  const env = {
    ...ownEnvironment(),
    ...(isOnce ? { TIDEMARK_BENCH: 'once' } : isFull ? { TIDEMARK_BENCH: 'full' } : {}),
    ...(hasContestants ? { TIDEMARK_BENCH_CONTESTANTS: '1' } : {}),
  }
  const { code, output } = await run(node, [path], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  process.stdout.write(output)
  if (code !== 0) say(`${name} ended with code ${code}.`)
  if (code !== 0 || !isRecorded) return code === 0
  const result = lastJsonLine(output)
  if (result === undefined) {
    say(`${name} printed no JSON line, so there is nothing to record (see bench/README.md).`)
    return false
  }
  record(name, result, node)
  return true
}

function lastJsonLine(output) {
  const line = output.split('\n').findLast((each) => each.startsWith('{'))
  try {
    return line === undefined ? undefined : JSON.parse(line)
  } catch {
    return undefined
  }
}

function record(name, result, node) {
  const folder = join(root, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim()
  const recorded = {
    bench: name,
    ...result,
    commit: git('rev-parse', 'HEAD'),
    isDirty: git('status', '--porcelain', '--', 'packages') !== '',
    measuredAt: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      kernel: release(),
      node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
    },
  }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(recorded, undefined, 2)}\n`)
  say(`Recorded in bench/results/${name}.json.`)
}

#!/usr/bin/env node
// `npm test [-- FILTER…]`: everything that can be checked, in one run; the last line is `N passed, N failed`.
//   npm test                     types, lint, every test; with CI=1 or --bench each bench once
//   npm test -- packages/bolt    only the tests whose path has this in it
//   npm test -- --bench          and each bench once
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { benchFiles } from './setup/bench-files.mjs'
import { installDebianPackages } from './setup/debian-packages.mjs'
import { install } from './setup/install.mjs'
import { ownEnvironment, root } from './setup/places.mjs'
import { buildPortal } from './setup/portal.mjs'
import { run } from './setup/run.mjs'
import { runMain, say, SetupError } from './setup/say.mjs'
import { countCheck, countReport, newTally, tallyText } from './setup/tally.mjs'

await runMain(async () => {
  const args = process.argv.slice(2)
  const filters = args.filter((arg) => arg !== '--bench')
  const isWhole = filters.length === 0
  const tally = newTally()
  const node = await install()
  if (isWhole || filters.some((filter) => filter.startsWith('tests'))) {
    await installDebianPackages()
    await checkPortal(tally, node)
  }
  if (isWhole) {
    await check(tally, node, 'types', ['typescript/bin/tsc', '-p', '.'])
    if (existsSync(join(root, 'packages/portal/tsconfig.json')))
      await check(tally, node, 'types of the portal', ['typescript/bin/tsc', '-p', 'packages/portal'])
    await check(tally, node, 'lint', ['oxlint/bin/oxlint', '--type-aware'])
  }
  await runTests(tally, node, filters)
  if (isWhole && (args.includes('--bench') || process.env.CI)) await runBenches(tally, node)
  console.log(`\n${tallyText(tally, root)}`)
  return tally.failed === 0 ? 0 : 1
})

async function check(tally, node, name, [script, ...args]) {
  say(`\n— ${name}`)
  const { code } = await run(node, [join(root, 'node_modules', script), ...args], { cwd: root, env: ownEnvironment() })
  countCheck(tally, name, code === 0)
}

async function checkPortal(tally, node) {
  try {
    await buildPortal(node)
    countCheck(tally, 'the portal builds', true)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    countCheck(tally, 'the portal builds', false)
  }
}

async function runTests(tally, node, filters) {
  say('\n— tests')
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-report-'))
  const report = join(folder, 'report.json')
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters]
    const { code } = await run(node, [vitest, ...args], { cwd: root, env: ownEnvironment() })
    countReport(tally, existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined, code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runBenches(tally, node) {
  for (const { name, path } of benchFiles()) {
    say(`\n— bench ${name}`)
    const { code } = await run(node, [path], {
      cwd: root,
      env: { ...ownEnvironment(), TIDEMARK_BENCH: 'once' },
      timeout: 300_000,
    })
    countCheck(tally, `bench ${name}`, code === 0)
  }
}

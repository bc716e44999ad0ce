import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { expectedNode, ownNode, root } from './places.mjs'
import { run } from './run.mjs'
import { say, SetupError } from './say.mjs'

/** Installs what package-lock.json names, when something of it is missing. Gives the path of Node 24. */
export async function install() {
  expectedNode()
  const missing = missingPackages()
  if (missing === undefined) return ownNode()
  say(`Installing packages with npm (${missing})…`)
  const progress = showProgress()
  // Warnings about engines are npm's view of the Node that runs it; Tidemark runs on the one that is installed here.
  // Not `npm ci`: it refuses a lock in which packages of other platforms are missing, and a registry need not have them.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--progress=false', '--include=optional']
  const { code, output } = await run('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  progress.end()
  if (code !== 0) throw new SetupError(explain(code, output))
  return ownNode()
}

/** Why npm has to run, in a few words; `undefined` when all is there. Compares what is installed, not file times. */
export function missingPackages(folder = root) {
  const wanted = packagesIn(join(folder, 'package-lock.json'))
  const there = packagesIn(join(folder, 'node_modules', '.package-lock.json'))
  if (there === undefined || wanted === undefined) return 'a first time'
  for (const [path, { version, optional, devOptional, link }] of Object.entries(wanted)) {
    if (!/(^|\/)node_modules\//.test(path) || link || optional || devOptional) continue
    if (there[path]?.version !== version) return `${path.replace(/^.*node_modules\//, '')} is missing or old`
  }
  return existsSync(expectedNode()) || folder !== root ? undefined : 'Node 24 is missing'
}

function packagesIn(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {}
  } catch {
    return undefined
  }
}

/** npm is silent into a pipe: shows how much is there, on one line of a terminal, or every 20 seconds in a log. */
function showProgress() {
  const startedMs = performance.now()
  const isTerminal = process.stderr.isTTY
  const total = Object.keys(packagesIn(join(root, 'package-lock.json')) ?? {}).length
  const line = () =>
    `  ${folderCount()} of about ${total} packages, ${Math.round((performance.now() - startedMs) / 1000)} s`
  const show = () => process.stderr.write(isTerminal ? `\r\x1b[K${line()}` : `${line()}\n`)
  const timer = setInterval(show, isTerminal ? 500 : 20_000)
  return {
    end() {
      clearInterval(timer)
      process.stderr.write(isTerminal ? `\r\x1b[K${line()}\n` : `${line()}\n`)
    },
  }
}

function folderCount() {
  try {
    return readdirSync(join(root, 'node_modules')).reduce(
      (count, name) => count + (name.startsWith('@') ? scopedCount(name) : 1),
      0,
    )
  } catch {
    return 0
  }
}

function scopedCount(scope) {
  return readdirSync(join(root, 'node_modules', scope)).length
}

const REASONS = [
  [/ENOSPC/, 'The disk is full: Tidemark needs about 1.5 GB under node_modules, and npm some space in ~/.npm.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|EIDLETIMEOUT|FETCH_ERROR/,
    'The package registry could not be reached. Check the network, and the proxy in ~/.npmrc or HTTPS_PROXY.',
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_/,
    "The registry's certificate is not trusted here. Behind a proxy with its own, set NODE_EXTRA_CA_CERTS to its file.",
  ],
  [/EACCES|EPERM|EROFS/, `npm may not write there. ${root} and ~/.npm have to belong to you.`],
]

/** What npm's failure means and what to do about it; npm's own last words follow. */
export function explain(code, output) {
  if (code === 127) return 'npm is not there. Install it ("apt-get install npm" on Debian), then run this again.'
  const reason = REASONS.find(([pattern]) => pattern.test(output))?.[1] ?? `"npm install" ended with code ${code}.`
  const words = output
    .trim()
    .split('\n')
    .slice(-15)
    .map((line) => `  ${line}`)
  return `${reason}\n\nWhat npm said:\n${words.join('\n')}`
}

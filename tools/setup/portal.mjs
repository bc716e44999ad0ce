import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ownEnvironment, root } from './places.mjs'
import { run } from './run.mjs'
import { say, SetupError } from './say.mjs'

const portal = join(root, 'packages', 'portal')
const stamp = join(root, 'node_modules', '.cache', 'tidemark-portal')

// What ends up in the built pages: the portal, the packages that it may import (tools/arrows.ts), and their versions.
const SOURCES = [
  ...['src', 'public', 'index.html', 'vite.config.ts', 'package.json'].map((name) => `packages/portal/${name}`),
  ...['base', 'model'].map((name) => `packages/${name}/src`),
  'package-lock.json',
]

/** Builds the portal's pages when they are missing or older than their sources. */
export async function buildPortal(node) {
  const hash = hashOf(SOURCES)
  if (existsSync(join(portal, 'dist', 'index.html')) && readText(stamp) === hash) return
  say('Building the portal…')
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const { code, output } = await run(node, [vite, 'build', '--logLevel', 'error'], {
    cwd: portal,
    env: ownEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (code !== 0)
    throw new SetupError(`The portal could not be built (vite ended with code ${code}):\n${output.trim()}`, 70)
  mkdirSync(join(stamp, '..'), { recursive: true })
  writeFileSync(stamp, hash)
}

function hashOf(names) {
  const hash = createHash('sha256')
  for (const name of names) addTo(hash, name)
  return hash.digest('hex')
}

function addTo(hash, name) {
  const path = join(root, name)
  if (!existsSync(path)) return
  if (statSync(path).isDirectory()) {
    for (const entry of readdirSync(path).sort()) addTo(hash, `${name}/${entry}`)
  } else if (!/\.test\.tsx?$/.test(name)) {
    hash.update(`${name}\0`).update(readFileSync(path)).update('\0')
  }
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

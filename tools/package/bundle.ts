import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join } from 'node:path'

import { type OutputChunk, type Plugin, rolldown } from 'rolldown'

import { PackageError, repository } from './facts.ts'

/** The first file of the program and of each of its threads; what they share becomes files beside them. */
const ENTRIES = [
  'packages/tidemark/src/machine-main.ts',
  'packages/changetracking/src/watch/watch-thread.ts',
  'packages/changetracking/src/files/scan/scan-thread.ts',
  'packages/changetracking/src/files/scan/reader-thread.ts',
  'packages/changetracking/src/forecast/forecast-thread.ts',
] as const
/** What stays a package of its own, for it loads native code from beside itself. */
const EXTERNAL = ['koffi']

/** A library in the bundle, and under which terms. */
export interface Notice {
  readonly name: string
  readonly version: string
  readonly text: string
}

/**
 * Writes the program of a machine as JavaScript into `folder`, `tidemark.js` its first file, with `version` in place of that of
 * the source. The same source gives the same bytes. Returns whose work is in it.
 */
export async function bundleProgram(folder: string, version: string): Promise<readonly Notice[]> {
  const input = Object.fromEntries(ENTRIES.map((path) => [nameOf(path), join(repository, path)]))
  const plugins = [threads(), versions(version), undiciParts(), plainText()]
  await using bundle = await rolldown({
    input,
    plugins,
    platform: 'node',
    external: EXTERNAL,
    // Of a package with both, what can be read through: a loader that asks for its parts while it runs finds none.
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'warn',
  })
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  })
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  checkComplete(output.filter((file) => file.type === 'chunk'))
  if (modules.some((id) => id.includes('/packages/server/')))
    throw new PackageError('the server got into the bundle of a machine')
  return noticesOf(modules)
}

/** All that is asked for is in the bundle, in Node, or beside it; the bundler itself only warns. */
function checkComplete(chunks: readonly OutputChunk[]): void {
  const there = new Set([...chunks.map(({ fileName }) => fileName), ...EXTERNAL])
  for (const { fileName, imports, dynamicImports, code } of chunks) {
    const missing = [...imports, ...dynamicImports].find((name) => !there.has(name) && !isBuiltin(name))
    if (missing !== undefined)
      throw new PackageError(`${fileName} asks for ${missing}, which is not installed: run "npm install"`)
    if (/require\(['"]\.{1,2}\//.test(code)) throw new PackageError(`${fileName} asks for a part that is not in the bundle`)
  }
}

function nameOf(path: string): string {
  return path.endsWith('machine-main.ts') ? 'tidemark' : basename(path, '.ts')
}

const THREAD_URL = /new URL\('(?:\.\/)?([a-z-]+)\.ts', import\.meta\.url\)/g

/** A thread's file is named by its source; in the bundle all files lie beside one another. */
function threads(): Plugin {
  return {
    name: 'tidemark-threads',
    transform: (code, id) => {
      if (!id.endsWith('.ts') || !code.includes('import.meta.url')) return undefined
      return code.replace(THREAD_URL, (_url, name: string) => {
        if (!ENTRIES.some((path) => nameOf(path) === name))
          throw new PackageError(`${id} starts ${name}.ts, which ENTRIES in tools/package/bundle.ts does not name`)
        return `new URL('./${name}.js', import.meta.url)`
      })
    },
  }
}

/** Every program tells the version of the package. */
function versions(version: string): Plugin {
  return {
    name: 'tidemark-version',
    load: (id) =>
      /\/packages\/[a-z]+\/src\/version\.ts$/.test(id) ? `export const version = ${JSON.stringify(version)}` : undefined,
  }
}

const PARTS = '\0undici-parts'

/** Of undici the agent needs requests by way of proxies; its other parts would take 4 MiB of its memory. */
function undiciParts(): Plugin {
  return {
    name: 'tidemark-undici',
    resolveId: (specifier, importer) =>
      specifier === 'undici' && importer?.endsWith('/packages/agent/src/upload/http.ts') ? PARTS : undefined,
    load: (id) =>
      id === PARTS
        ? `export { default as EnvHttpProxyAgent } from ${inUndici('dispatcher/env-http-proxy-agent.js')}
           import ask from ${inUndici('api/api-request.js')}
           export const request = (url, { dispatcher, ...options }) => {
             const { origin, pathname, search } = new URL(url)
             return ask.call(dispatcher, { ...options, origin, path: pathname + search })
           }`
        : undefined,
  }
}

function inUndici(path: string): string {
  return JSON.stringify(join(repository, 'node_modules/undici/lib', path))
}

/** V8 keeps a source with a character beyond Latin-1 as two bytes for each: such characters become escapes. */
function plainText(): Plugin {
  return {
    name: 'tidemark-plain-text',
    generateBundle: (_options, bundle) => {
      for (const file of Object.values(bundle))
        if (file.type === 'chunk')
          file.code = file.code.replaceAll(
            /[^\0-\x7f]/g,
            (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
          )
    },
  }
}

function noticesOf(modules: readonly string[]): readonly Notice[] {
  const folders = modules.flatMap((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? [])
  const koffi = join(repository, 'node_modules/koffi')
  return [...new Set([...folders, koffi])]
    .map(noticeOf)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function noticeOf(folder: string): Notice {
  const { name, version, license } = manifestOf(folder)
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'].find((each) => existsSync(join(folder, each)))
  const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), 'utf8').trim()
  return { name, version, text }
}

function manifestOf(folder: string): { readonly name: string; readonly version: string; readonly license: string } {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const text = (key: string): string =>
    typeof manifest === 'object' && manifest !== null ? String(Reflect.get(manifest, key)) : ''
  if (text('name') === '') throw new PackageError(`${dirname(folder)} holds no package`)
  return { name: text('name'), version: text('version'), license: text('license') }
}

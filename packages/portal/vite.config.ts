import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Writes `licences.json` beside the pages: name, version and licence of every package of which a part is in them. */
function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []))
      const found = new Map<string, { readonly name: string; readonly version: string; readonly licence: string }>()
      for (const id of modules) {
        const told = packageOf(id)
        if (told !== undefined) found.set(told.name, told)
      }
      const list = [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
      this.emitFile({ type: 'asset', fileName: 'licences.json', source: JSON.stringify(list) })
    },
  }
}

/** The package of others that a module is in: the nearest `package.json` above it that has a name and a version. */
function packageOf(id: string): { name: string; version: string; licence: string } | undefined {
  if (!id.includes('/node_modules/')) return undefined
  for (let folder = dirname(id); folder.includes('/node_modules/'); folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (!existsSync(file)) continue
    const { name, version, license }: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof name === 'string' && typeof version === 'string')
      return { name, version, licence: typeof license === 'string' ? license : 'see the package' }
  }
  return undefined
}

export default defineConfig({
  plugins: [react(), licences()],
  // Relative, so that the built pages work under any path.
  base: './',
  build: { outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 1_500 },
  // For work on the pages: `npx vite` beside a running server.
  server: { proxy: { '/api': 'http://127.0.0.1:8437', '/v1': 'http://127.0.0.1:8437' } },
})

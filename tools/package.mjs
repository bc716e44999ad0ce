#!/usr/bin/env node
// `npm run package [-- --out DIR --arch x64 --format deb …]`: installs what is missing, and builds the packages
// (packaging/README.md) on the Node 24 that npm brought.
import { install } from './setup/install.mjs'
import { ownEnvironment, root } from './setup/places.mjs'
import { runAlone } from './setup/run.mjs'
import { runMain } from './setup/say.mjs'

await runMain(async () => {
  const node = await install()
  const { code } = await runAlone(node, ['tools/package/build.ts', ...process.argv.slice(2)], {
    cwd: root,
    env: ownEnvironment(),
  })
  return code
})

#!/usr/bin/env node
// `npm start`: installs what is missing, builds the portal, and runs `tidemark up` on the Node 24 that npm brought.
import { join } from 'node:path'

import { install } from './setup/install.mjs'
import { ownEnvironment, root } from './setup/places.mjs'
import { buildPortal } from './setup/portal.mjs'
import { runAlone } from './setup/run.mjs'
import { runMain, SetupError } from './setup/say.mjs'

await runMain(async () => {
  const args = process.argv.slice(2)
  const node = await install()
  if (!args.includes('--help') && !args.includes('-h')) await buildPortal(node)
  const main = join(root, 'packages', 'tidemark', 'src', 'main.ts')
  const { code, output } = await runAlone(node, [main, 'up', ...args], { env: ownEnvironment() })
  if (code === 127) throw new SetupError(`${node} does not run here: ${output}`)
  return code
})

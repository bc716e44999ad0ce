#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node
// Tidemark runs on the Node 24 that npm installed beside it; whichever node starts this file only passes on.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const own = fileURLToPath(new URL(`../../../node_modules/node-linux-${process.arch}/bin/node`, import.meta.url))

// Compiled code is remembered beside the installation, for it belongs to whoever owns that; where it may not be written,
// each start takes some tenths of a second longer. Threads and child processes find it by the environment.
const cache = fileURLToPath(new URL('../../../node_modules/.cache/tidemark', import.meta.url))
process.env.NODE_COMPILE_CACHE ??= cache

if (Number(process.versions.node.split('.')[0]) >= 24) {
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  process.argv[1] = main
  await import(main)
} else if (existsSync(own)) {
  const child = spawn(own, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
  })
} else {
  console.error(
    `tidemark: needs Node 24, this is ${process.version}, and ${own} is not there.\nRun "npm install" in the clone.`,
  )
  process.exitCode = 69
}

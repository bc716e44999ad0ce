// Goal: a program that `npm start` runs hears of each Ctrl-C once, and its exit code is ours.
// Method: a real parent and a real child. The child counts signals and ends 300 ms after the first one.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { expect, test } from 'vitest'

import { run } from './run.mjs'

const child = `
  let heard = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {
    heard += 1
    if (heard === 1) setTimeout(() => { console.log(signal, heard); process.exit(7) }, 300)
  })
  setTimeout(() => process.exit(9), 10_000)
  console.log('ready')
`
const parent = `
  import { runAlone } from ${JSON.stringify(new URL('./run.mjs', import.meta.url).href)}
  const { code } = await runAlone(process.execPath, ['-e', ${JSON.stringify(child)}])
  process.exitCode = code
`

function start(): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', parent], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
}

async function said(program: ChildProcess): Promise<string> {
  let text = ''
  program.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(program, 'close')
  return text
}

test.each([
  { name: 'the signal of a service manager', send: (pid: number) => process.kill(pid, 'SIGTERM'), signal: 'SIGTERM' },
  {
    name: 'a Ctrl-C that reaches the whole group, and once more through npm',
    send: (pid: number) => {
      process.kill(-pid, 'SIGINT')
      process.kill(pid, 'SIGINT')
    },
    signal: 'SIGINT',
  },
  { name: 'a terminal that closes', send: (pid: number) => process.kill(-pid, 'SIGHUP'), signal: 'SIGHUP' },
])('$name is heard once', async ({ send, signal }) => {
  const program = start()
  const output = said(program)
  await once(program.stdout!, 'data')
  send(program.pid!)
  expect(await output).toBe(`ready\n${signal} 1\n`)
  expect(program.exitCode).toBe(7)
})

test('a program that is not there gives 127', async () => {
  expect((await run('/nowhere/at-all', [])).code).toBe(127)
})

test('what a program says is kept, its end at most', async () => {
  const { code, output } = await run(
    process.execPath,
    ['-e', "console.log('x'.repeat(100_000) + 'end'); process.exit(3)"],
    { stdio: 'pipe' },
  )
  expect(code).toBe(3)
  expect(output.length).toBeLessThanOrEqual(64 * 1024)
  expect(output).toMatch(/end\n$/)
})

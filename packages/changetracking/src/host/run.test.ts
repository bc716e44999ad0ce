import { expect, test } from 'vitest'

import { COMMAND_BYTES_MAX, runCommand } from './run.ts'

const { signal } = new AbortController()

test('a program is run without a shell, in the C locale', async () => {
  expect(await runCommand('sh', ['-c', 'echo "$1 $LC_ALL"; echo e >&2; exit 3', 'sh', '$HOME; *'], signal)).toEqual({
    kind: 'ran',
    code: 3,
    output: '$HOME; * C.UTF-8\n',
    complaint: 'e\n',
  })
})

test('a program that is not there is missing', async () => {
  expect(await runCommand('tidemark-no-such-program', [], signal)).toEqual({ kind: 'missing' })
})

test('a program that is ended by a signal has no code', async () => {
  expect(await runCommand('sh', ['-c', 'kill -9 $$'], signal)).toMatchObject({ kind: 'ran', code: -1 })
})

test('a program that says too much is ended, and that is told', async () => {
  const answer = await runCommand('head', ['-c', String(COMMAND_BYTES_MAX + 1), '/dev/zero'], signal)
  expect(answer).toMatchObject({ kind: 'ran', code: -1, complaint: expect.stringContaining('maxBuffer') })
})

test('a stop ends the program and rejects', async () => {
  const stop = new AbortController()
  const running = runCommand('sleep', ['60'], stop.signal)
  stop.abort()
  await expect(running).rejects.toThrow('abort')
})

import { existsSync } from 'node:fs'

import { expect, test } from 'vitest'

import { BootedMachine, whyNoMachine } from './booted-machine.ts'

const missing = whyNoMachine()

test.skipIf(missing)(
  `a machine boots, runs commands, and is gone afterwards${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const machine = await BootedMachine.boot()
    expect(await machine.run('cat', '/proc/1/comm')).toBe('systemd\n')
    expect(await machine.run('systemctl', 'list-jobs', '--no-legend')).toBe('')
    await expect(machine.run('false')).rejects.toThrow('false')
    await machine[Symbol.asyncDispose]()
    await machine[Symbol.asyncDispose]()
    expect(existsSync(machine.root)).toBe(false)
  },
)

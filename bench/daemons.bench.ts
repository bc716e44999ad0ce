import { mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { BootedMachine, clone, whyNoMachine } from 'tidemark/testing'
import { isOnce, report } from './report.ts'

export const promise = 'Daemons cost at most half the CPU time of the described command, process 1 included'

/** What one way took in CPU time, in milliseconds. */
interface Cost {
  readonly ours: number
  readonly systemd: number
}

const missing = whyNoMachine()
if (missing !== undefined) {
  console.log(`A machine must be booted for this bench, which is not possible here: ${missing}.`)
  process.exitCode = 1
} else await measure()

async function measure(): Promise<void> {
  const state = mkdtempSync('/var/tmp/tidemark-bench-')
  await using machine = await BootedMachine.boot({ readOnly: [clone], writable: [state] })
  try {
    const script = fileURLToPath(new URL('daemons/costs-here.ts', import.meta.url))
    const ways: readonly { readonly what: string; readonly ms: number }[] = JSON.parse(
      await machine.run(process.execPath, fileURLToPath(new URL('daemons/ways-here.ts', import.meta.url))),
    )
    const rounds = isOnce ? 2 : 20
    const printed = await machine.run(process.execPath, script, String(rounds), state)
    const costs: {
      readonly daemons: number
      readonly command: readonly Cost[]
      readonly first: Cost
      readonly next: readonly Cost[]
      readonly heardMs: readonly number[]
    } = JSON.parse(printed)
    const command = median(costs.command.map(total))
    const next = median(costs.next.map(total))
    report(promise, [
      { what: 'daemons on the machine (Debian 12)', value: costs.daemons, unit: '' },
      { what: 'the described command, its processes and process 1, median', value: command, unit: 'ms' },
      { what: '… of that in process 1', value: median(costs.command.map(({ systemd }) => systemd)), unit: 'ms' },
      { what: 'our first look ever, the engine cold, and process 1', value: total(costs.first), unit: 'ms' },
      { what: '… of that in process 1', value: costs.first.systemd, unit: 'ms' },
      { what: 'each of our further looks and process 1, median', value: next, unit: 'ms' },
      { what: '… of that in process 1', value: median(costs.next.map(({ systemd }) => systemd)), unit: 'ms' },
      { what: 'first look ever, part of the command', value: (100 * total(costs.first)) / command, unit: '%' },
      { what: 'further looks, part of the command', value: (100 * next) / command, unit: '%' },
      ...ways.map(({ what, ms }) => ({ what: `process 1, asked for ${what}`, value: ms, unit: 'ms' })),
      { what: 'from a stopped service to its row in the outbox, median', value: median(costs.heardMs), unit: 'ms' },
    ])
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
}

function total({ ours, systemd }: Cost): number {
  return ours + systemd
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

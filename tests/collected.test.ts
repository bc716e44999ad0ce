import {
  openServicesMachine,
  servicesCollector,
  softwareCollector,
  softwareMachine,
  SoftwareWatching,
} from '@tidemark/changetracking/testing'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { parseExtensionSettings } from '@tidemark/model'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { BootedMachine, whyNoMachine } from './machine/booted-machine.ts'
import { describedColumns, describedDaemons } from './machine/described-daemons.ts'

// Goal: what is collected is what the described commands print, every column of every item. Method: both look at one real
// Debian 12, booted for this test; the described commands are read here by their own words, not by our parsers.

const missing = whyNoMachine()
const { signal } = new AbortController()

test.skipIf(missing)(
  `collected items equal the described commands${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    await using machine = await BootedMachine.boot()
    const software = await softwareCollector(softwareMachine(machine.root)).collect(new Map(), signal)
    expect([software.isComplete, software.gaps]).toEqual([true, []])
    const packages = [...software.items.values()].map(({ columns }) => columns)
    expect(packages.length).toBeGreaterThan(50)
    expect(packages).toEqual(await describedPackages(machine))

    await seesAtOnce(machine)
    const services = await servicesCollector(openServicesMachine(machine.liveRoot)).collect(new Map(), signal)
    expect([services.isComplete, services.gaps]).toEqual([true, []])
    const daemons = [...services.items.values()].map(({ columns }) => describedColumns(columns))
    expect(daemons.length).toBeGreaterThan(20)
    expect(byName(daemons)).toEqual(byName(await describedDaemons(machine)))
  },
  120_000,
)

/** Without any schedule: a package is seen when dpkg is done with it, and not in the middle of its script. */
async function seesAtOnce(machine: BootedMachine): Promise<void> {
  const folder = join(machine.root, 'root/made')
  mkdirSync(join(folder, 'DEBIAN'), { recursive: true, mode: 0o755 })
  const control = 'Package: made-here\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n'
  writeFileSync(join(folder, 'DEBIAN/control'), control)
  writeFileSync(join(folder, 'DEBIAN/postinst'), '#!/bin/sh\nsleep 1\n', { mode: 0o755 })
  await machine.run('dpkg-deb', '--root-owner-group', '-Znone', '-b', '/root/made', '/root/made.deb')
  const seen: unknown[] = []
  await using watching = new SoftwareWatching({
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal,
    machine: softwareMachine(machine.root),
    rules: () => [parseExtensionSettings({})],
    look: async () => {
      const { items } = await softwareCollector(softwareMachine(machine.root)).collect(new Map(), signal)
      seen.push(items.get('made-here:all')?.columns.SoftwareStatus ?? 'none')
    },
  })
  watching.renew()
  await machine.run('dpkg', '-i', '/root/made.deb')
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual(['install ok installed'])
  await machine.run('dpkg', '-P', 'made-here')
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual(['install ok installed', 'none'])
}

async function describedPackages(machine: BootedMachine): Promise<object[]> {
  const format =
    "Name:${Package}\\nDescription:${Description}\\nMaintainer:${Maintainer}\\n'Unknown';4\\nSize:${Installed-Size}\\nVersion:${Version}\\nStatus:${Status}\\n${db:Status-Status}\\nArch:${Architecture}\\n\\n"
  const shape =
    /^(.*)\nDescription:([^]*)\nMaintainer:(.*)\n'Unknown';4\nSize:(.*)\nVersion:(.*)\nStatus:(.*)\n.*\nArch:(.*)\n\n$/
  const printed = await machine.run('dpkg-query', '-W', '-f', format)
  return printed
    .split(/^Name:/m)
    .slice(1)
    .map((block) => {
      const [, name, description, maintainer, size, version, status, architecture] = shape.exec(block) ?? []
      return {
        SoftwareName: name,
        SoftwareDescription: description,
        Publisher: maintainer,
        CurrentVersion: version,
        Architecture: architecture,
        SoftwareType: 'Package',
        SoftwareSource: 'dpkg',
        SoftwareStatus: status,
        Size: Number(size) * 1_024,
      }
    })
}

function byName<Daemon extends { readonly SvcName?: unknown }>(daemons: readonly Daemon[]): Daemon[] {
  return daemons.toSorted((one, other) => (String(one.SvcName) < String(other.SvcName) ? -1 : 1))
}

import { join } from 'node:path'

import { randomFrom } from '@tidemark/base/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Fleet } from './fleet/fleet.ts'
import { type FleetMachine, type FleetUnit, SINK_DISK, whyNoJumps } from './fleet/fleet-machine.ts'
import { whyNoMemoryGroups } from './fleet/out-of-memory.ts'
import { whyNoMachine } from './machine/booted-machine.ts'
import { buildDebs } from './packages-journey/debs.ts'

// Goal: what changes on a fleet arrives exactly once and without a gap whatever happens to machines, server and network,
// and meanwhile each machine says what is wrong. Method: three Debian machines under systemd, booted in containers with
// networks of their own, have the package installed and are enrolled by TLS with certificates of their own; things happen
// to all three at once, and what the server's tables have in the end is compared with what was done. The clock of a
// container is that of this machine: the daemons' is made to jump by libfaketime, the monotonic clock left alone.

// Some four minutes on two cores: it has no place in a run of half an hour (CONTRIBUTING.md).
const missing = process.env['TIDEMARK_FLEET'] === undefined ? 'TIDEMARK_FLEET=1 asks for it' : whyNoMachine()
const noJumps = whyNoJumps()
const noMemoryGroups = whyNoMemoryGroups()
/** Kills at random of each daemon; TIDEMARK_FLEET_KILLS says more. */
const KILLS = Number(process.env['TIDEMARK_FLEET_KILLS'] ?? 2)
const SEED = Number(process.env['TIDEMARK_SEED'] ?? Date.now() % 1_000_000)

describe.skipIf(missing)(`a fleet of three (seed ${SEED})${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let fleet: Fleet
  let one: FleetMachine
  let two: FleetMachine
  let three: FleetMachine
  const random = randomFrom(SEED)

  beforeAll(async () => {
    fleet = await Fleet.open()
    ;[one, two, three] = await Promise.all([
      fleet.add('one', '1.0.0'),
      fleet.add('two', '1.0.0'),
      fleet.add('three', '1.0.0'),
    ])
  })
  afterAll(async () => await fleet?.[Symbol.asyncDispose]())

  const make = (count: number, ...machines: readonly FleetMachine[]): void => {
    for (const machine of machines.length > 0 ? machines : [one, two, three]) fleet.ledger.make(machine, count)
  }
  const changeOf = async (machine: FleetMachine, where: string): Promise<void> => {
    const text = `ConfigurationChange | where Computer == "${machine.name}" and ${where} | count`
    await expect.poll(async () => await fleet.server.query(text), { timeout: 60_000 }).toEqual([{ Count: 1 }])
  }

  test('a file, a package and a service arrive, each as a change of its machine', async () => {
    make(3)
    const [deb = ''] = buildDebs(join(fleet.folder, 'debs'), [
      { name: 'made', version: '1', files: { '/usr/share/made': 'x' } },
    ])
    const unit =
      '[Unit]\nDescription=Made\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'
    three.write('/etc/systemd/system/made.service', unit)
    await Promise.all([two.install(deb), three.booted.run('systemctl', 'enable', '--now', 'made.service')])
    await Promise.all([
      fleet.ledger.untilArrived(one, two, three),
      changeOf(two, 'SoftwareName == "made" and ChangeCategory == "Added"'),
      changeOf(three, 'SvcName == "made" and ChangeCategory == "Added"'),
    ])
  })

  test('the server is killed in the middle of it, and comes back', async () => {
    make(3)
    await fleet.server.stop('SIGKILL')
    make(3)
    await Promise.all([one, two, three].map(async (machine) => await machine.untilTold('cannot reach')))
    make(3)
    await fleet.server.start()
    await fleet.ledger.untilArrived(one, two, three)
  })

  async function killedAtRandom(machine: FleetMachine): Promise<void> {
    const units: readonly FleetUnit[] = ['tidemark-agent', 'tidemark-changetracking']
    for (const unit of Array.from({ length: KILLS }, () => units).flat()) {
      make(2, machine)
      await new Promise((resolve) => setTimeout(resolve, random() * 800))
      await machine.kill(unit)
    }
    for (const unit of noMemoryGroups ? [] : units) {
      make(2, machine)
      await machine.runOutOfMemory(unit)
    }
    make(2, machine)
  }

  async function rebooted(machine: FleetMachine): Promise<void> {
    make(2, machine)
    await machine.booted.reboot()
    make(2, machine)
    if (noJumps) return
    for (const offset of ['+2d', '-1d', '+0']) {
      machine.setClock(offset)
      make(2, machine)
      await fleet.ledger.untilArrived(machine)
    }
  }

  async function withoutDisk(machine: FleetMachine): Promise<void> {
    await machine.booted.run('sh', '-c', `dd if=/dev/zero of=${SINK_DISK}/ballast bs=64k 2>/dev/null || true`)
    make(3, machine)
    await machine.untilTold('sink')
    await machine.booted.run('rm', `${SINK_DISK}/ballast`)
    await fleet.ledger.untilArrived(machine)
    make(2, machine)
    await machine.booted.pullPlug()
    make(2, machine)
  }

  test(`SIGKILL and OOM on one${noMemoryGroups ? ` (OOM skipped: ${noMemoryGroups})` : ''}, reboot and clock jumps on another${noJumps ? ` (jumps skipped: ${noJumps})` : ''}, a full disk and a pulled plug on the third`, async () => {
    await Promise.all([killedAtRandom(one), rebooted(two), withoutDisk(three)])
    await fleet.ledger.untilArrived(one, two, three)
  })

  async function upgraded(machine: FleetMachine): Promise<void> {
    const newer = await fleet.package('1.0.1')
    make(2, machine)
    await machine.install(newer)
    make(2, machine)
    await machine.untilHealthy()
    expect(await machine.booted.run('tidemark', '--version')).toContain('1.0.1')
  }

  async function withoutNetwork(machine: FleetMachine): Promise<void> {
    fleet.network.connect(machine.port, false)
    make(3, machine)
    await machine.untilTold('cannot reach')
    fleet.network.connect(machine.port, true)
  }

  async function withOldCertificate(machine: FleetMachine): Promise<void> {
    machine.showCertificate(fleet.authority.sign('client', machine.name, { isExpired: true }))
    fleet.front.disconnectAll()
    make(2, machine)
    await machine.untilTold('certificate of this machine', 'ran out')
    machine.showCertificate(fleet.authority.sign('client', machine.name))
  }

  test('an upload is broken off, a cable pulled, a machine’s certificate runs out, and the package is upgraded', async () => {
    fleet.front.cutAfter(3_000)
    make(2)
    await Promise.all([withOldCertificate(one), withoutNetwork(two), upgraded(three)])
    await fleet.ledger.untilArrived(one, two, three)
    expect(fleet.front.cuts).toBe(1)
  })

  test('the server’s certificate runs out, and is renewed', async () => {
    const { address } = fleet.network
    fleet.front.show(fleet.authority.sign('server', address, { isExpired: true }))
    make(2)
    await Promise.all([one, two, three].map(async (machine) => await machine.untilTold('certificate has expired')))
    fleet.front.show(fleet.authority.sign('server', address))
    await fleet.ledger.untilArrived(one, two, three)
  })

  async function copied(original: FleetMachine, copy: FleetMachine): Promise<void> {
    const own = (await copy.booted.run('cat', '/etc/machine-id')).trim()
    // Its path unit would start it as soon as the key is there.
    await copy.booted.run('systemctl', 'stop', 'tidemark-agent.path', 'tidemark-agent')
    await copy.becomeCopyOf(original)
    // The original says two tickets more: one could be an answer that was lost, with two the copy's is old.
    for (let starts = 0; starts < 2; starts += 1) {
      await original.booted.run('systemctl', 'restart', 'tidemark-agent')
      make(1, original)
      await fleet.ledger.untilArrived(original)
    }
    await copy.booted.run('systemctl', 'start', 'tidemark-agent.path', 'tidemark-agent')
    make(2, original, copy)
    await copy.untilTold('copy')
    await fleet.ledger.untilArrived(original)
    await original.untilHealthy()
    copy.write('/etc/machine-id', `${own}\n`)
    await copy.enroll(fleet.url, await fleet.enrolmentToken(), '--replace')
    await copy.booted.run('systemctl', 'restart', 'tidemark-agent', 'tidemark-changetracking')
  }

  async function revoked(machine: FleetMachine): Promise<void> {
    const known = (await fleet.server.api('/api/machines')) as { machines?: KnownMachine[] } | KnownMachine[]
    const resourceId = (Array.isArray(known) ? known : (known.machines ?? [])).find(
      ({ computer }) => computer === machine.name,
    )?.resourceId
    const before = await fleet.ledger.arrived(machine)
    await fleet.server.api('/api/machine-keys/revocations', { resourceId })
    make(3, machine)
    await machine.untilTold('revoked')
    expect(await fleet.ledger.arrived(machine)).toEqual(before)
    await machine.enroll(fleet.url, await fleet.enrolmentToken(), '--replace')
    await machine.booted.run('systemctl', 'restart', 'tidemark-agent')
  }

  test('a copy of a machine is refused, and so is a revoked one, until both are enrolled again', async () => {
    await Promise.all([copied(one, three), revoked(two)])
    await fleet.ledger.untilArrived(one, two, three)
  })

  test('every change is there exactly once, and the numbers have no gap', async () => {
    for (const machine of [one, two, three]) {
      await machine.untilHealthy()
      const made = fleet.ledger.countOf(machine)
      expect([machine.name, await fleet.ledger.arrived(machine)]).toEqual([
        machine.name,
        { rows: made, names: made, ids: made },
      ])
      const dropped = await fleet.ledger.toldDropped(machine)
      const { rows, numbers, last, epochs } = await fleet.ledger.numbers(machine)
      expect([machine.name, { rows, last, epochs }]).toEqual([
        machine.name,
        { rows: numbers, last: numbers + dropped, epochs: 1 },
      ])
      // Only a full disk is a reason to drop, and then only inventory.
      if (machine !== three) expect([machine.name, dropped]).toEqual([machine.name, 0])
    }
  })
})

interface KnownMachine {
  readonly computer: string
  readonly resourceId: string
}

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { systemClock } from '@tidemark/base'
import {
  collectServicesIn,
  HeardDaemons,
  openServicesMachine,
  readUnitFiles,
  servicesCollector,
  SystemdBus,
  toldByFiles,
} from '@tidemark/changetracking/testing'
import { parseExtensionSettings } from '@tidemark/model'
import { clone } from 'tidemark/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { BootedMachine, whyNoMachine } from './machine/booted-machine.ts'
import { describedColumns, describedDaemons } from './machine/described-daemons.ts'

// Goal: daemons are what the described command prints, whatever shape their units have, and what systemd says is told. Method: one
// real Debian 12 is booted for all tests here; the judges are systemctl and a second listener of our own.

const missing = whyNoMachine()
const { signal } = new AbortController()
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 30_000, interval: 50 })

describe.skipIf(missing)(`daemons of a Debian machine${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let machine: BootedMachine
  let folder = ''

  beforeAll(async () => {
    machine = await BootedMachine.boot({ readOnly: [clone] })
    folder = mkdtempSync(join(tmpdir(), 'tidemark-services-'))
  }, 120_000)
  afterAll(async () => {
    await machine?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const sh = async (script: string): Promise<string> => await machine.run('sh', '-ec', script)
  const unit = (more: string): string => `[Unit]\nDescription=Ours %n\n[Service]\n${more}\n`
  const write = (path: string, text: string): void => writeFileSync(join(machine.root, path), text, 'latin1')

  type Look = Awaited<ReturnType<ReturnType<typeof servicesCollector>['collect']>>
  async function look(known: Look['items'] = new Map(), settings?: object): Promise<Look> {
    const rules = settings === undefined ? [] : [parseExtensionSettings(settings)]
    return await servicesCollector(openServicesMachine(machine.liveRoot)).collect(new Map(known), signal, rules)
  }
  /** What is told of a unit that is not loaded without asking for it. */
  async function toldByFilesAlone(name: string): Promise<object | undefined> {
    const { tree } = openServicesMachine(machine.liveRoot)
    await using manager = await SystemdBus.open(machine.liveRoot, { userId: 0, clock: systemClock, signal })
    const files = readUnitFiles(tree, new Set(['service']))
    return toldByFiles({ tree, files, loadedMs: await manager.loadedMs() }).unloaded(name)?.columns
  }
  /** Each look goes on from the one before it, as those of a schedule do. */
  function needOf(name: string): () => Promise<unknown[]> {
    let known: Look['items'] = new Map()
    return async () => {
      known = (await look(known)).items
      const { SvcNeedsRestart, SvcNeedsRestartReason } = known.get(name)?.columns ?? {}
      return [SvcNeedsRestart, SvcNeedsRestartReason]
    }
  }
  const byName = (all: readonly Record<string, unknown>[]) =>
    all.toSorted((one, other) => (String(one['SvcName']) < String(other['SvcName']) ? -1 : 1))
  const described = (seen: Look) =>
    byName([...seen.items.values()].map(({ columns }) => describedColumns(columns))).filter(
      ({ SvcName }) => !String(SvcName).includes('@'),
    )

  test('units of every shape are what the described command prints', async () => {
    const etc = '/etc/systemd/system'
    const sleeps = unit('ExecStart=/bin/sleep 1000')
    write(
      `${etc}/ours-on.service`,
      `${sleeps}[Install]\nWantedBy=multi-user.target graphical.target\nAlias=ours-alias.service\n`,
    )
    write(`${etc}/ours-off.service`, `${sleeps}[Install]\nWantedBy=multi-user.target\n`)
    write(`${etc}/ours-also.service`, `${sleeps}[Install]\nAlso=ours-off.service\n`)
    write(`${etc}/ours-required.service`, `${sleeps}[Install]\nRequiredBy=ours-on.service\n`)
    write(`${etc}/ours-template@.service`, `${sleeps}[Install]\nWantedBy=multi-user.target\nDefaultInstance=x\n`)
    write(`${etc}/ours-damaged.service`, 'no section\n[Service\nExecStart=relative\n\xff\n')
    write('/opt/ours-linked.service', `${sleeps}[Install]\nWantedBy=multi-user.target\n`)
    await sh(`ln -s /nowhere/at/all ${etc}/ours-dangling.service; : > ${etc}/ours-empty.service`)
    await sh(
      `mkdir ${etc}/ours-off.service.d; printf '[Unit]\\nDescription=Dropped in\\n' > ${etc}/ours-off.service.d/50.conf`,
    )
    await sh(
      `mkdir -p /etc/systemd/system-generators; printf '#!/bin/sh\\nprintf "[Service]\\\\nExecStart=/bin/true\\\\n" > $1/ours-generated.service\\n' > /etc/systemd/system-generators/ours; chmod +x /etc/systemd/system-generators/ours`,
    )
    await sh('systemctl link -q /opt/ours-linked.service; systemctl daemon-reload')
    await sh(
      'systemctl enable -q ours-on ours-required; systemctl mask -q ours-empty 2>/dev/null || true; systemctl mask -q --runtime ours-mask',
    )
    await sh('systemctl start ours-on ours-template@one; systemd-run -q --unit=ours-transient sleep 1000')
    await sh('sleep 0.05; systemctl daemon-reload')
    expect(await toldByFilesAlone('ours-off.service')).toMatchObject({ SvcDescription: 'Dropped in' })
    const told = await look()
    expect(described(told)).toEqual(byName(await describedDaemons(machine)))
    // From here files are not as systemd has read them: it is asked for everything, and says the same.
    write('/usr/lib/systemd/system/ours-unread.service', sleeps)
    expect(await toldByFilesAlone('ours-off.service')).toBeUndefined()
    const seen = await look()
    for (const [name, { columns }] of told.items) expect([name, seen.items.get(name)?.columns]).toEqual([name, columns])
    expect([seen.isComplete, seen.gaps]).toEqual([true, []])
    expect(described(seen)).toEqual(byName(await describedDaemons(machine)))
    expect(seen.items.get('ours-template@one')?.columns).toMatchObject({ SvcState: 'Running' })
    expect([...seen.items.keys()].filter((name) => name.endsWith('@'))).toEqual([])
    expect(seen.items.get('ours-off')?.columns).toMatchObject({
      SvcDescription: 'Dropped in',
      SvcDropIns: `["${etc}/ours-off.service.d/50.conf"]`,
      SvcExecStart: '/bin/sleep 1000',
    })
    await sh(
      'systemctl disable -q ours-on; systemctl stop ours-on; systemctl enable -q ours-off; rm /opt/ours-linked.service',
    )
    const again = await look(seen.items)
    expect(described(again)).toEqual(byName(await describedDaemons(machine)))
    expect(again.items).toEqual((await look()).items)
  }, 60_000)

  test('files alone say how units are enabled, as systemctl says it of a root', async () => {
    const { items, isComplete } = await collectServicesIn(machine.root)
    const words = [
      `--root=${machine.root}`,
      'list-unit-files',
      '*.service',
      '--all',
      '--no-legend',
      '--no-pager',
      '--plain',
    ]
    const listed = execFileSync('systemctl', words, { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([name = '', state]) => name.endsWith('.service') && !name.includes('@') && state !== 'alias')
    const found = [...items.values()].map(({ columns }) => [
      `${String(columns.SvcName)}.service`,
      String(columns.SvcStartupType).toLowerCase(),
    ])
    expect(isComplete).toBe(true)
    expect(found.toSorted()).toEqual(listed.map(([name, state]) => [name, state]).toSorted())
  })

  test('a service needs a restart when its program was replaced or its unit changed, until it is restarted', async () => {
    await sh('cp /bin/sleep /opt/sleeper')
    write('/etc/systemd/system/ours-old.service', unit('ExecStart=/opt/sleeper 1000'))
    await sh('systemctl daemon-reload; systemctl start ours-old')
    const need = needOf('ours-old')
    expect(await need()).toEqual([false, ''])
    await sh('cp /opt/sleeper /opt/sleeper.new; mv /opt/sleeper.new /opt/sleeper')
    expect(await need()).toEqual([true, 'runs what was replaced or deleted: /opt/sleeper'])
    await sh('systemctl restart ours-old')
    expect(await need()).toEqual([false, ''])
    await sh('sleep 0.01; echo "# more" >> /etc/systemd/system/ours-old.service')
    expect(await need()).toEqual([
      true,
      expect.stringMatching(/^was started before \S+ours-old\.service changed; .*daemon-reload/),
    ])
    await sh('systemctl daemon-reload')
    expect(await need()).toEqual([true, expect.stringMatching(/^was started before \S+ours-old\.service changed$/)])
    await sh('systemctl restart ours-old')
    expect(await need()).toEqual([false, ''])
  }, 60_000)

  test('a service needs a restart when a library that it uses was replaced, until it is restarted', async () => {
    await sh('mkdir /opt/ours-lib; cp -L /lib/*-linux-gnu/libc.so.6 /opt/ours-lib/')
    write(
      '/etc/systemd/system/ours-linking.service',
      unit('Environment=LD_LIBRARY_PATH=/opt/ours-lib\nExecStart=/bin/sleep 1000'),
    )
    await sh('systemctl daemon-reload; systemctl start ours-linking')
    // It is up for systemd before its linker has found the library.
    const id = (await sh('systemctl show -P MainPID ours-linking')).trim()
    await sh(`until grep -q /opt/ours-lib/libc.so.6 /proc/${id}/maps; do sleep 0.01; done`)
    const need = needOf('ours-linking')
    expect(await need()).toEqual([false, ''])
    await sh('cd /opt/ours-lib; cp libc.so.6 libc.so.6.new; mv libc.so.6.new libc.so.6')
    expect(await need()).toEqual([true, 'runs what was replaced or deleted: /opt/ours-lib/libc.so.6'])
    await sh('systemctl restart ours-linking')
    expect(await need()).toEqual([false, ''])
  }, 60_000)

  test('timers and sockets are what systemctl says of them where a rule asks for them, and are not seen where none does', async () => {
    const etc = '/etc/systemd/system'
    write(`${etc}/ours-on.timer`, '[Unit]\nDescription=Our timer\n[Timer]\nOnActiveSec=1h\n')
    write(
      `${etc}/ours-tick.timer`,
      '[Timer]\nOnActiveSec=1h\nUnit=ours-off.service\n[Install]\nWantedBy=timers.target\n',
    )
    write(`${etc}/ours-off.socket`, '[Socket]\nListenStream=/run/ours.sock\n[Install]\nWantedBy=sockets.target\n')
    await sh(
      'systemctl daemon-reload; systemctl enable -q ours-off.socket; systemctl start ours-tick.timer ours-off.socket',
    )
    for (const type of ['timer', 'socket'] as const) {
      const { items, gaps } = await look(new Map(), { servicesSettings: { [`${type}s`]: true } })
      const ofType = [...items.values()].filter(({ columns }) => columns.SvcUnitType === type)
      expect(gaps).toEqual([])
      expect(byName(ofType.map(({ columns }) => describedColumns(columns)))).toEqual(
        byName(await describedDaemons(machine, type)),
      )
      expect(new Set(ofType.map(({ coveredBy }) => coveredBy.join()))).toEqual(new Set([`${type}s`]))
      expect([...items.keys()].filter((name) => /\.(timer|socket)$/.test(name))).toHaveLength(ofType.length)
      const name = type === 'timer' ? 'ours-tick.timer' : 'ours-off.socket'
      expect(items.get(name)?.columns).toMatchObject({ SvcState: type === 'timer' ? 'Waiting' : 'Listening' })
    }
    expect([...(await look()).items.keys()].filter((name) => /\.(timer|socket)$/.test(name))).toEqual([])
  }, 60_000)

  test('systemd is asked by its own socket where the bus is gone, and where both are, nothing is compared', async () => {
    const byBus = await look()
    await sh('mv /run/dbus/system_bus_socket /run/dbus/hidden')
    // From here systemd's own socket lets nobody in: it wants to know the process, which is not of its machine.
    const run = async () =>
      await Promise.resolve({ kind: 'ran', code: 1, output: '', complaint: 'Failed to connect to bus' } as const)
    const blind = { ...openServicesMachine(machine.liveRoot), run }
    const byNobody = await servicesCollector(blind).collect(new Map(byBus.items), signal, [])
    expect([byNobody.isComplete, byNobody.gaps.map(({ reason }) => reason)]).toEqual([false, ['source-missing']])
    const script = fileURLToPath(new URL('machine/daemons-here.ts', import.meta.url))
    const inside: unknown = JSON.parse(await machine.run(process.execPath, script))
    await sh('mv /run/dbus/hidden /run/dbus/system_bus_socket')
    expect(inside).toEqual({
      gaps: [],
      columns: expect.arrayContaining([...byBus.items.values()].map(({ columns }) => columns)),
    })
  }, 60_000)

  describe('what systemd says by itself', () => {
    let daemons: HeardDaemons
    beforeAll(async () => {
      daemons = new HeardDaemons(machine.liveRoot, join(folder, 'state.db'))
      await daemons.heard(30_000)
    }, 60_000)
    afterAll(async () => await daemons?.[Symbol.asyncDispose]())

    test('a stop, a start and a new unit are told without a schedule, each once', async () => {
      await sh('systemctl stop ours-old')
      await soon(() => daemons.changesOf('ours-old')).toMatchObject([
        { ChangeCategory: 'Modified', SvcPreviousState: 'Running', SvcState: 'Dead', DetectedBy: 'watch' },
      ])
      await sh('systemd-run -q --unit=ours-passing sleep 1000')
      await soon(() => daemons.changesOf('ours-passing')).toMatchObject([
        { ChangeCategory: 'Added', SvcState: 'Running' },
      ])
      await sh('systemctl stop ours-passing')
      await soon(() => daemons.changesOf('ours-passing')[1]).toMatchObject({ ChangeCategory: 'Removed' })
      await sh('systemctl enable -q ours-off 2>/dev/null; systemctl disable -q ours-off')
      await soon(() => daemons.changesOf('ours-off').at(-1)).toMatchObject({ SvcStartupType: 'Disabled' })
    }, 60_000)

    test('a state change is in a row within a second', async () => {
      const names = ['1', '2', '3', '4', '5'].map((number) => `ours-quick-${number}`)
      for (const name of names) write(`/etc/systemd/system/${name}.service`, unit('ExecStart=/bin/sleep 1000'))
      await sh(`systemctl daemon-reload; systemctl start ${names.join(' ')}`)
      await soon(() => names.map((name) => daemons.changesOf(name).at(-1)?.['SvcState'])).toEqual(
        names.map(() => 'Running'),
      )
      const tookMs: number[] = []
      for (const name of names) {
        // The machine's clock is ours; the moment is taken right before the act.
        const actMs = Number(await sh(`date +%s%3N; systemctl --no-block stop ${name}`))
        await expect
          .poll(() => daemons.changesOf(name).at(-1), { timeout: 30_000, interval: 5 })
          .toMatchObject({ SvcPreviousState: 'Running', SvcState: 'Dead' })
        tookMs.push(systemClock.nowMs() - actMs)
      }
      // One of them may meet a busy machine.
      expect(tookMs.toSorted((one, other) => one - other)[2]).toBeLessThan(1_000)
    }, 90_000)

    test('a service that flaps is told seldom, and its rows count every change', async () => {
      const heard: string[] = []
      let last = 'inactive dead'
      const address = { userId: 0, clock: systemClock, signal }
      await using other = await SystemdBus.open(machine.liveRoot, address)
      await other.subscribe((said) => {
        if (said.kind !== 'changed' || said.unit !== 'ours-flaps.service' || said.state === undefined) return
        if (said.state !== last) heard.push(said.state)
        last = said.state
      })
      write(
        '/etc/systemd/system/ours-flaps.service',
        '[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=50ms\n',
      )
      await sh('systemctl daemon-reload')
      await soon(() => daemons.changesOf('ours-flaps')).toMatchObject([{ ChangeCategory: 'Added' }])
      await sh('systemctl start ours-flaps')
      await soon(() => heard.length).toBeGreaterThan(40)
      // A program that fails while it is stopped leaves the unit failed.
      const rest = await sh(
        'systemctl stop ours-flaps; systemctl show -P ActiveState ours-flaps; systemctl show -P SubState ours-flaps',
      )
      const counted = () =>
        daemons.changesOf('ours-flaps').reduce((sum, { SvcTransitions }) => sum + Number(SvcTransitions ?? 0), 0)
      // The last of them may be heard only after systemctl has ended.
      await soon(() => [last, counted() - heard.length]).toEqual([rest.trim().replace('\n', ' '), 0])
      const rows = daemons.changesOf('ours-flaps').slice(1)
      expect(rows.length).toBeLessThan(heard.length / 4)
      expect(rows.at(-1)).toMatchObject({ DetectedBy: 'watch', SvcTransitionsFrom: expect.stringContaining('T') })
    }, 90_000)

    test('it is heard again when systemd or the bus was started anew, and what happened meanwhile is seen', async () => {
      const before = daemons.changesOf('ours-old').length
      await sh('systemctl daemon-reexec')
      await sh('systemctl start ours-old')
      await soon(() => daemons.changesOf('ours-old').at(-1)).toMatchObject({ SvcState: 'Running' })
      expect(daemons.changesOf('ours-old').length).toBeGreaterThan(before)
      await sh('systemctl stop dbus.socket dbus.service 2>/dev/null; systemctl stop ours-old')
      await sh('systemctl start dbus.socket dbus.service')
      await soon(() => daemons.changesOf('ours-old').at(-1)).toMatchObject({ SvcState: 'Dead' })
    }, 60_000)
  })
})

// Runs in the machine that is measured: node ways-here.ts. Prints what process 1 spends on each way to ask for its services, in
// milliseconds of CPU time, as one line of JSON. Before each way systemd reads everything again, so that it knows nothing by heart.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { systemClock } from '@tidemark/base'
import { openServicesMachine, readUnitFiles, SystemdBus } from '@tidemark/changetracking/testing'

const UNIT = 'org.freedesktop.systemd1.Unit'
const names = new Set(['Id'])
const { tree } = openServicesMachine('/')
await using manager = await SystemdBus.open('/', {
  userId: 0,
  clock: systemClock,
  signal: new AbortController().signal,
})
const listed = new Set((await manager.listUnits(['*.service'])).map(({ name }) => name))
const files = [...readUnitFiles(tree, new Set(['service'])).units.values()].map(({ name }) => name)
const units = files.filter((name) => !name.includes('@'))
const loaded = units.filter((name) => listed.has(name))
const others = units.filter((name) => !listed.has(name))
const getAll = async (of: readonly string[], face: string): Promise<void> =>
  void (await Promise.all(of.map(async (unit) => await manager.unitProperties(unit, { interface: face, names }))))
const get = async (of: readonly string[], name: string): Promise<void> =>
  void (await Promise.all(of.map(async (unit) => await manager.unitProperty(unit, { interface: UNIT, name }))))

const ways: { readonly what: string; readonly ms: number }[] = []
async function way(what: string, act: () => Promise<void>, isFresh = true): Promise<void> {
  if (isFresh) spawnSync('systemctl', ['daemon-reload'])
  const before = initMs()
  await act()
  ways.push({ what, ms: initMs() - before })
}
await way('the list of the loaded services', async () => void (await manager.listUnits(['*.service'])))
await way(`all a unit has, ${others.length} not loaded`, async () => await getAll(others, ''))
await way(`Description alone, ${others.length} not loaded`, async () => await get(others, 'Description'))
await way(`UnitFileState alone, ${others.length} not loaded`, async () => await get(others, 'UnitFileState'))
await way(`all of a unit's interface, ${loaded.length} loaded`, async () => await getAll(loaded, UNIT))
await way('the same once more', async () => await getAll(loaded, UNIT), false)
await way(`UnitFileState alone, ${loaded.length} loaded`, async () => await get(loaded, 'UnitFileState'))
await way(`Description alone, ${loaded.length} loaded`, async () => await get(loaded, 'Description'))
console.log(JSON.stringify(ways))

/** CPU time of process 1 so far; the scheduler counts it in nanoseconds. */
function initMs(): number {
  return Number(readFileSync('/proc/1/schedstat', 'utf8').split(' ')[0]) / 1_000_000
}

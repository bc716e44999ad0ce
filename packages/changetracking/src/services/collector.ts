import type { Collection, Collector, CollectorLife, CollectorRule, Known } from '../collector.ts'
import { serviceChange } from './change.ts'
import { collectInit, initOf } from './init-kind.ts'
import type { ServicesMachine } from './services-machine.ts'
import { ServicesWatch } from './signals/services-watch.ts'
import { collectSystemd } from './systemd.ts'
import type { UnitType } from './units/unit-name.ts'

/** The daemons of a machine: systemd's services (timers and sockets where a rule asks for them), OpenRC's or SysV's. */
export function servicesCollector(machine: ServicesMachine): Collector {
  let watch: ServicesWatch | undefined
  return {
    type: 'Daemons',
    coverage: (rules) => [...typesOf(rules)].map((type) => `${type}s`),
    change: serviceChange,
    collect: async (known, signal, rules) => await collect(known, { machine, watch, signal, types: typesOf(rules) }),
    watch: (life: CollectorLife) => {
      watch = new ServicesWatch(machine, life)
      return watch
    },
  }
}

/** What rules ask for together: services always, others where one of the rules says so. */
function typesOf(rules: readonly CollectorRule[] = []): ReadonlySet<UnitType> {
  const types = new Set<UnitType>(['service'])
  for (const { settings } of rules) {
    if (settings.collectTimers) types.add('timer')
    if (settings.collectSockets) types.add('socket')
  }
  return types
}

async function collect(
  known: Known,
  look: {
    readonly machine: ServicesMachine
    readonly watch: ServicesWatch | undefined
    readonly signal: AbortSignal
    readonly types: ReadonlySet<UnitType>
  },
): Promise<Collection> {
  const init = initOf(look.machine.tree)
  if (init === 'systemd') return await collectSystemd({ ...look, known })
  return collectInit(look.machine.tree, init)
}

import { setImmediate as turn } from 'node:timers/promises'

import { randomFrom } from '@tidemark/base/testing'

import { BASELINE, wrongWith } from './arrived.ts'
import { ChainMachine } from './machine.ts'
import { ChainServer } from './server.ts'
import { SimulatedClock } from './simulated-clock.ts'

/** What goes wrong, and where. */
const blows = [
  'tracking dies',
  'agent dies',
  'power is cut',
  'tracking’s disk fails',
  'agent’s disk fails',
  'ack is lost',
  'upload does not arrive',
  'answer is lost',
  'store ends before',
  'store ends in the middle',
  'store ends after',
  'server dies',
] as const
export type Blow = (typeof blows)[number]

/** Things in the world, so that the inventory of all of them stays short. */
const THINGS_MAX = 5
/** Times that the clock moves on after a blow was struck or did not come about. */
const STEPS = 15
const DRAIN_STEPS_MAX = 20_000

/** A machine and a server, and everything that goes wrong between them, as a seed says. */
export class Chain {
  readonly #chance: () => number
  readonly #clock = new SimulatedClock()
  readonly server: ChainServer
  readonly machine: ChainMachine
  readonly struck = new Map<Blow, number>()
  #named = 0
  #isPowerCut = false

  constructor(seed: number) {
    this.#chance = randomFrom(seed)
    this.server = new ChainServer(this.#clock)
    this.machine = new ChainMachine(this.server, { clock: this.#clock, chance: this.#chance })
  }

  async start(): Promise<void> {
    await this.server.start()
    this.machine.start()
    for (const [name, version] of BASELINE) this.machine.world.set(name, version)
    await this.machine.look()
  }

  #below(count: number): number {
    return Math.floor(this.#chance() * count)
  }

  /** Changes the world, and something goes wrong while that is told. */
  async round(): Promise<void> {
    const blow = blows[this.#below(blows.length)] ?? 'agent dies'
    this.arm(blow, 1 + this.#below(30))
    for (let looks = 1 + this.#below(3); looks > 0; looks -= 1) {
      this.#changeWorld()
      await this.machine.look()
      await this.#pass(1 + this.#below(STEPS))
    }
    await this.recover()
  }

  /** The blow falls at an operation of the disk, or at the next message, upload or group of rows. */
  arm(blow: Blow, operations: number): void {
    const { agentLife, trackingLife } = this.machine
    const hit = (): void => void this.struck.set(blow, (this.struck.get(blow) ?? 0) + 1)
    if (blow === 'tracking dies') trackingLife?.trap(operations, 'dies', hit)
    else if (blow === 'agent dies') agentLife?.trap(operations, 'dies', hit)
    else if (blow === 'tracking’s disk fails') trackingLife?.trap(operations, 'fails', hit)
    else if (blow === 'agent’s disk fails') agentLife?.trap(operations, 'fails', hit)
    else if (blow === 'power is cut') {
      const victim = this.#chance() < 0.5 ? agentLife : trackingLife
      victim?.trap(operations, 'dies', () => {
        hit()
        this.#isPowerCut = true
        for (const life of [agentLife, trackingLife]) if (life) life.isDead = true
      })
    } else {
      hit()
      this.#armWay(blow)
    }
  }

  #armWay(blow: Blow): void {
    if (blow === 'ack is lost') this.machine.acksLost = 1
    else if (blow === 'upload does not arrive') this.server.nextWay('not-arrived')
    else if (blow === 'answer is lost') this.server.nextWay('answer-lost')
    else if (blow === 'server dies') this.server.kill()
    else
      this.server.nextDies(blow === 'store ends before' ? 'before' : blow === 'store ends after' ? 'after' : 'middle')
  }

  #changeWorld(): void {
    const { world } = this.machine
    for (let changes = this.#below(4); changes >= 0; changes -= 1) {
      const names = [...world.keys()]
      const name = names[this.#below(names.length)]
      if (name === undefined || (world.size < THINGS_MAX && this.#chance() < 0.5))
        world.set(`thing-${(this.#named += 1)}`, '1')
      else if (this.#chance() < 0.7) world.set(name, String(Number(world.get(name)) + 1))
      else world.delete(name)
    }
  }

  /** Lets everybody do what they do, and the clock move on. */
  async #pass(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      for (let turns = 0; turns < 3; turns += 1) await turn()
      this.#clock.next()
    }
  }

  /** Whoever died is started again, on the disk that is left. */
  async recover(): Promise<void> {
    if (this.#isPowerCut) await this.machine.cutPower()
    this.#isPowerCut = false
    await this.machine.bury()
    this.machine.start()
    await this.server.start()
  }

  /** Power goes before the sink's next record is synced, of which `bytes` are left; true where that is all of it. */
  async cutInTail(bytes: number): Promise<boolean> {
    await this.#pass(STEPS)
    const { agentLife } = this.machine
    agentLife?.trap(1, 'dies', () => undefined, 'data sync')
    this.#changeWorld()
    await this.machine.look()
    for (let steps = 0; steps < DRAIN_STEPS_MAX; steps += 1) {
      if (agentLife?.isDead !== false) break
      await this.#pass(1)
    }
    const tailBytes = this.machine.unsyncedBytes
    await this.machine.cutPower(bytes)
    await this.recover()
    return bytes >= tailBytes
  }

  /** Nothing goes wrong any more until everything has arrived; what is wrong with it, empty where nothing is. */
  async drained(): Promise<string[]> {
    const { machine, server } = this
    server.heal()
    machine.acksLost = 0
    for (const life of [machine.agentLife, machine.trackingLife]) life?.heal()
    await this.recover()
    await machine.look()
    for (let steps = 0; ; steps += 1) {
      const { outbox, sinkBytes } = machine.underWay
      if (outbox === 0 && sinkBytes === 0) break
      if (steps > DRAIN_STEPS_MAX) return [`it does not end: ${outbox} in the outbox, ${sinkBytes} bytes in the sink`]
      await this.#pass(1)
    }
    await machine.end()
    return wrongWith(server.store.rows, machine.world)
  }
}

import { execFileSync } from 'node:child_process'

/** A machine's place in the network. */
export interface FleetPort {
  /** The namespace's path, for `systemd-nspawn`. */
  readonly namespace: string
  readonly address: string
}

/** A switch on this machine, and cables to machines that have nothing else: bridge and veth, taken away at the end. */
export class FleetNetwork implements Disposable {
  readonly #name = `tmf${process.pid.toString(36)}`
  readonly #subnet: string
  readonly #machines: string[] = []

  private constructor(subnet: string) {
    this.#subnet = subnet
  }

  /** Takes a subnet that nobody has here. Throws what `ip` says. */
  static open(): FleetNetwork {
    const taken = execFileSync('ip', ['-4', '-o', 'addr'], { encoding: 'utf8' })
    const numbers = Array.from({ length: 250 }, (_, index) => (process.pid + index) % 250)
    const subnet = numbers.map((number) => `10.213.${number}`).find((each) => !taken.includes(` ${each}.`))
    if (subnet === undefined) throw new Error('no subnet of 10.213.0.0/16 is free here')
    const network = new FleetNetwork(subnet)
    ip(`link add ${network.#name} type bridge`)
    ip(`addr add ${subnet}.1/24 dev ${network.#name}`)
    ip(`link set ${network.#name} up`)
    return network
  }

  /** This machine's address in it. */
  get address(): string {
    return `${this.#subnet}.1`
  }

  /** A namespace with a cable to the switch. */
  plug(): FleetPort {
    const number = this.#machines.length + 2
    const cable = `${this.#name}-${number}`
    const namespace = `${this.#name}n${number}`
    this.#machines.push(namespace)
    ip(`netns add ${namespace}`)
    ip(`link add ${cable} type veth peer name eth0 netns ${namespace}`)
    ip(`link set ${cable} master ${this.#name} up`)
    const address = `${this.#subnet}.${number}`
    for (const words of [`addr add ${address}/24 dev eth0`, 'link set eth0 up', 'link set lo up'])
      ip(`-n ${namespace} ${words}`)
    return { namespace: `/run/netns/${namespace}`, address }
  }

  /** Pulls the cable of a machine, or plugs it in again. Nobody is told: packets just do not arrive. */
  connect({ address }: FleetPort, isConnected: boolean): void {
    ip(`link set ${this.#name}-${address.split('.').at(-1)} ${isConnected ? 'up' : 'down'}`)
  }

  [Symbol.dispose](): void {
    for (const namespace of this.#machines.splice(0)) quietly(`netns del ${namespace}`)
    quietly(`link del ${this.#name}`)
  }
}

function ip(words: string): void {
  execFileSync('ip', words.split(' '), { stdio: ['ignore', 'ignore', 'pipe'] })
}

function quietly(words: string): void {
  try {
    ip(words)
  } catch {
    // It is gone already.
  }
}

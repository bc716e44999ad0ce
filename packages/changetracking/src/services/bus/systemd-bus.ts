import { ChangeTrackingError } from '../../change-tracking-error.ts'
import { type BusAddress, type BusCall, BusConnection } from './connection.ts'
import type { ReceivedMessage } from './message.ts'
import { systemdSignal, type SystemdSignal, unitPath } from './systemd-signals.ts'
import { type BusValue, BusVariant, listOf, numberOf, textOf } from './value.ts'

// systemd's own socket lets root in without a bus between, so that no bus has to run, and none takes CPU time.
const PRIVATE_SOCKET = '/run/systemd/private'
const BUS_SOCKET = '/run/dbus/system_bus_socket'
const SYSTEMD = 'org.freedesktop.systemd1'
const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const
const MANAGER_PATH = '/org/freedesktop/systemd1'
const MANAGER = 'org.freedesktop.systemd1.Manager'
const PROPERTIES = 'org.freedesktop.DBus.Properties'

/** A unit that systemd has loaded, as `ListUnits` tells it. */
export interface LoadedUnit {
  readonly name: string
  readonly description: string
  /** `loaded`, `not-found`, `masked`… */
  readonly loadState: string
  readonly activeState: string
  readonly subState: string
}

/** What systemd says of one unit; `refused` where it can tell nothing. */
export type UnitAnswer =
  | { readonly kind: 'answered'; readonly properties: ReadonlyMap<string, BusValue> }
  | { readonly kind: 'refused'; readonly reason: string }

/** systemd, process 1, over D-Bus. */
export class SystemdBus implements AsyncDisposable {
  readonly #connection: BusConnection
  readonly #destination: { readonly destination?: string }

  /**
   * Connects by systemd's own socket, else by the system bus, both below `root`. Rejects with `bus-failed`, which says why
   * neither could be used.
   */
  static async open(root: string, address: Omit<BusAddress, 'path'>): Promise<SystemdBus> {
    const at = root === '/' ? '' : root
    try {
      return new SystemdBus(await BusConnection.open({ ...address, path: `${at}${PRIVATE_SOCKET}` }), {})
    } catch (error) {
      const bus = await BusConnection.open({ ...address, path: `${at}${BUS_SOCKET}` }).catch((other: unknown) => {
        throw new ChangeTrackingError('bus-failed', `${reasonOf(error)}; ${reasonOf(other)}`, { cause: other })
      })
      await bus.call({ ...BUS, member: 'Hello' })
      return new SystemdBus(bus, { destination: SYSTEMD })
    }
  }

  private constructor(connection: BusConnection, destination: { readonly destination?: string }) {
    this.#connection = connection
    this.#destination = destination
  }

  /** Aborts when the connection has ended. */
  get ended(): AbortSignal {
    return this.#connection.ended
  }

  /** Loaded units whose names match one of these patterns. */
  async listUnits(patterns: readonly string[]): Promise<LoadedUnit[]> {
    const answer = await this.#call('ListUnitsByPatterns', 'asas', [[], patterns])
    return listOf(answer.body()[0]).map((each) => {
      const [name, description, loadState, activeState, subState] = listOf(each).map(textOf)
      return {
        name: name ?? '',
        description: description ?? '',
        loadState: loadState ?? '',
        activeState: activeState ?? '',
        subState: subState ?? '',
      }
    })
  }

  /** When it began to read its unit files last, milliseconds since 1970; `undefined` where it does not say. */
  async loadedMs(): Promise<number | undefined> {
    // The first is of the last reload (since systemd 250), the other of the boot alone.
    const names = ['UnitsLoadTimestamp', 'UnitsLoadStartTimestamp']
    const times = await Promise.all(
      names.map(async (name) => numberOf(await this.#property(MANAGER_PATH, { interface: MANAGER, name }))),
    )
    const lastMs = Math.max(...times) / 1_000
    return lastMs > 0 ? lastMs : undefined
  }

  /**
   * These properties of a unit, those that it has; a unit that is not loaded is loaded for it. `interface` is
   * `org.freedesktop.systemd1.Unit`, or `''` for all that the unit has, which costs systemd much more.
   */
  async unitProperties(
    unit: string,
    from: { readonly interface: string; readonly names: ReadonlySet<string> },
  ): Promise<UnitAnswer> {
    const call = { path: unitPath(unit), interface: PROPERTIES, member: 'GetAll', signature: 's' }
    const answer = await this.#connection.call({ ...this.#destination, ...call, values: [from.interface] })
    if (answer.kind === 'error') return { kind: 'refused', reason: complaintOf(answer) }
    if (answer.signature !== 'a{sv}') throw unexpected(call, answer)
    return { kind: 'answered', properties: answer.reader().readProperties(from.names) }
  }

  /** One property of a unit, `undefined` where it has none of this name. */
  async unitProperty(
    unit: string,
    of: { readonly interface: string; readonly name: string },
  ): Promise<BusValue | undefined> {
    return await this.#property(unitPath(unit), of)
  }

  async #property(
    path: string,
    of: { readonly interface: string; readonly name: string },
  ): Promise<BusValue | undefined> {
    const call = { path, interface: PROPERTIES, member: 'Get', signature: 'ss', values: [of.interface, of.name] }
    const answer = await this.#connection.call({ ...this.#destination, ...call })
    const [variant] = answer.kind === 'error' ? [] : answer.body()
    return variant instanceof BusVariant ? variant.value : undefined
  }

  /** Hands over what systemd says by itself, from when this resolves. */
  async subscribe(listener: (signal: SystemdSignal) => void): Promise<void> {
    this.#connection.onSignal((message) => {
      const signal = systemdSignal(message)
      if (signal !== undefined) listener(signal)
    })
    if (this.#destination.destination !== undefined) {
      const rules = [
        `type='signal',sender='${SYSTEMD}',path_namespace='${MANAGER_PATH}'`,
        // Another systemd has taken the name: it was started anew, and knows nothing of us.
        `type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${SYSTEMD}'`,
      ]
      for (const rule of rules)
        await this.#connection.call({ ...BUS, member: 'AddMatch', signature: 's', values: [rule] })
    }
    await this.#call('Subscribe')
  }

  async #call(member: string, signature = '', values: readonly BusValue[] = []): Promise<ReceivedMessage> {
    const call = { path: MANAGER_PATH, interface: MANAGER, member, signature, values }
    const answer = await this.#connection.call({ ...this.#destination, ...call })
    if (answer.kind === 'error') throw unexpected(call, answer)
    return answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]()
  }
}

function unexpected({ path, member }: BusCall, answer: ReceivedMessage): ChangeTrackingError {
  const what = answer.kind === 'error' ? complaintOf(answer) : `the types "${answer.signature}"`
  return new ChangeTrackingError('bus-failed', `systemd answered ${member} of ${path} with ${what}`)
}

function complaintOf(answer: ReceivedMessage): string {
  const text = answer.signature.startsWith('s') ? textOf(answer.body()[0]) : ''
  return `${answer.errorName ?? 'an error'}${text === '' ? '' : `: ${text}`}`
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

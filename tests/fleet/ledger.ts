import { setTimeout as sleep } from 'node:timers/promises'

import type { FleetMachine } from './fleet-machine.ts'
import type { FleetServer } from './fleet-server.ts'

const ALL = 'union ConfigurationChange, ConfigurationData, TidemarkVisibility, TidemarkOperation'
const ARRIVE_MS_MAX = 150_000

/** What was done on each machine, and what the server has to have of it in the end. */
export class Ledger {
  readonly #server: FleetServer
  readonly #made = new Map<FleetMachine, string[]>()

  constructor(server: FleetServer) {
    this.#server = server
  }

  /** Makes so many files on a machine, each with a name that nobody had. */
  make(machine: FleetMachine, count: number): void {
    const names = this.#made.get(machine) ?? []
    this.#made.set(machine, names)
    for (let made = 0; made < count; made += 1) {
      const name = `made-${machine.name}-${names.length}`
      machine.makeFile(name)
      names.push(name)
    }
  }

  countOf(machine: FleetMachine): number {
    return this.#made.get(machine)?.length ?? 0
  }

  /** How many of a machine's files have come. */
  async arrived(machine: FleetMachine): Promise<{ rows: number; names: number; ids: number }> {
    const added = `ConfigurationChange | where Name startswith "made-${machine.name}-" and ChangeCategory == "Added"`
    const [row] = await this.#server.query(
      `${added} | summarize rows = count(), names = dcount(Name), ids = dcount(RecordId)`,
    )
    return { rows: Number(row?.['rows']), names: Number(row?.['names']), ids: Number(row?.['ids']) }
  }

  /** Waits until everything that was made on these machines has come. Throws with what came. */
  async untilArrived(...machines: readonly FleetMachine[]): Promise<void> {
    await Promise.all(machines.map(async (machine) => await this.#untilArrived(machine)))
  }

  async #untilArrived(machine: FleetMachine): Promise<void> {
    let last: unknown
    for (const deadline = Date.now() + ARRIVE_MS_MAX; Date.now() < deadline; await sleep(300)) {
      const arrived = await this.arrived(machine).catch(() => undefined)
      last = arrived ?? last
      if (arrived && arrived.names >= this.countOf(machine)) return
    }
    const { problems } = await machine.status()
    const facts = JSON.stringify({ of: this.countOf(machine), last, problems })
    throw new Error(`not all of ${machine.name} came: ${facts}\n${await machine.log()}`)
  }

  /** Numbers of a machine's rows: how many there are, how many are different, the last one, and how many epochs. */
  async numbers(machine: FleetMachine): Promise<{ rows: number; numbers: number; last: number; epochs: number }> {
    const own = `${ALL} | where Computer == "${machine.name}" and isnotnull(Sequence)`
    const facts = 'rows = count(), numbers = dcount(Sequence), newest = max(Sequence), epochs = dcount(BaselineEpoch)'
    const [row] = await this.#server.query(`${own} | summarize ${facts}`)
    const of = (name: string): number => Number(row?.[name])
    return { rows: of('rows'), numbers: of('numbers'), last: of('newest'), epochs: of('epochs') }
  }

  /** Rows of a machine of which its agent told that it had to drop them. */
  async toldDropped(machine: FleetMachine): Promise<number> {
    const told = await this.#server.query(
      `TidemarkVisibility | where Computer == "${machine.name}" and Reason == "records-dropped" | project Detail`,
    )
    return told.reduce((sum, { Detail }) => sum + Number(/^(\d+) rows/.exec(String(Detail))?.[1] ?? 0), 0)
  }
}

import type { Clock } from '@tidemark/base'

import { newSecret, secretHash } from '../access/secrets.ts'
import type { Metadata } from '../metadata/metadata.ts'

/** The region of everything that this server keeps. */
export const REGION = 'local'
/** The subscription and the resource group of machines and rules that are not said to be elsewhere. */
export const OWN_SUBSCRIPTION = '00000000-0000-0000-0000-000000000000'
export const OWN_RESOURCE_GROUP = 'tidemark'

/** A machine that may report. */
export interface KnownMachine {
  readonly resourceId: string
  readonly computer: string
  readonly sourceComputerId: string
  readonly registeredMs: number
}

/** Machines and their tokens, of which only hashes are kept. */
export class Machines {
  readonly #metadata: Metadata
  readonly #clock: Clock

  constructor(metadata: Metadata, clock: Clock) {
    this.#metadata = metadata
    this.#clock = clock
  }

  /**
   * Makes a machine known, or gives one that is known (by its source computer id, in either case) a new token and its
   * present name. Two machines of one name get resource ids that differ.
   */
  register(computer: string, sourceComputerId: string): { readonly machine: KnownMachine; readonly token: string } {
    const token = newSecret('tm_machine_')
    const { build } = this.#metadata
    // Firmware and tools write the same UUID in either case.
    const known = this.list().find((one) => one.sourceComputerId.toLowerCase() === sourceComputerId.toLowerCase())
    const resourceId = known?.resourceId ?? this.#freeResourceId(computer, sourceComputerId)
    const row = {
      resource_key: resourceId.toLowerCase(),
      resource_id: resourceId,
      computer,
      source_computer_id: sourceComputerId,
      token_hash: secretHash(token),
      registered_ms: known?.registeredMs ?? this.#clock.nowMs(),
    }
    this.#metadata.run(
      build
        .insertInto('machine')
        .values(row)
        .onConflict((conflict) => conflict.column('resource_key').doUpdateSet(row)),
    )
    return { machine: machineOf(row), token }
  }

  #freeResourceId(computer: string, sourceComputerId: string): string {
    const base = `/subscriptions/${OWN_SUBSCRIPTION}/resourceGroups/${OWN_RESOURCE_GROUP}/providers/Microsoft.HybridCompute/machines/`
    const name = computer.replaceAll(/[^A-Za-z0-9._-]/g, '-')
    const taken = new Set(this.list().map(({ resourceId }) => resourceId.toLowerCase()))
    const names = [name, `${name}-${sourceComputerId.slice(0, 8)}`, `${name}-${sourceComputerId}`]
    const free = names.map((one) => `${base}${one}`).find((id) => !taken.has(id.toLowerCase()))
    // Taking over another machine's id would silence that machine.
    if (free === undefined) throw new Error(`other machines have every name that ${computer} could have`)
    return free
  }

  /** The machine whose token this is. */
  byToken(token: string): KnownMachine | undefined {
    const { build } = this.#metadata
    const row = this.#metadata.first(
      build.selectFrom('machine').selectAll().where('token_hash', '=', secretHash(token)),
    )
    return row && machineOf(row)
  }

  /** The machine's token is good for nothing from now on. */
  voidToken(resourceId: string): void {
    const change = this.#metadata.build
      .updateTable('machine')
      .set({ token_hash: secretHash(newSecret('tm_void_')) })
      .where('resource_key', '=', resourceId.toLowerCase())
    this.#metadata.run(change)
  }

  list(): KnownMachine[] {
    const { build } = this.#metadata
    return this.#metadata.all(build.selectFrom('machine').selectAll().orderBy('computer')).map(machineOf)
  }
}

function machineOf(row: {
  resource_id: string
  computer: string
  source_computer_id: string
  registered_ms: number
}): KnownMachine {
  return {
    resourceId: row.resource_id,
    computer: row.computer,
    sourceComputerId: row.source_computer_id,
    registeredMs: row.registered_ms,
  }
}

import type { Clock } from '@tidemark/base'

import { newSecret, secretHash } from '../access/secrets.ts'
import type { Metadata, MetadataSession } from '../metadata/metadata.ts'

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
  async register(
    computer: string,
    sourceComputerId: string,
  ): Promise<{ readonly machine: KnownMachine; readonly token: string }> {
    const token = newSecret('tm_machine_')
    const nowMs = this.#clock.nowMs()
    const machine = await this.#metadata.together(async (within) => {
      const known = await ofComputer(within, sourceComputerId)
      const resourceId = known?.resourceId ?? (await freeResourceId(within, computer, sourceComputerId))
      const row = {
        resource_key: resourceId.toLowerCase(),
        resource_id: resourceId,
        computer,
        source_computer_id: sourceComputerId,
        token_hash: secretHash(token),
        registered_ms: known?.registeredMs ?? nowMs,
      }
      await within.run(
        within.build
          .insertInto('machine')
          .values(row)
          .onConflict((conflict) => conflict.column('resource_key').doUpdateSet(row)),
      )
      return machineOf(row)
    })
    return { machine, token }
  }

  /** The machine whose token this is. */
  async byToken(token: string): Promise<KnownMachine | undefined> {
    const { build } = this.#metadata
    const question = build.selectFrom('machine').selectAll().where('token_hash', '=', secretHash(token))
    const row = await this.#metadata.first(question)
    return row && machineOf(row)
  }

  /** By its ARM id, in either case. */
  async byId(resourceId: string): Promise<KnownMachine | undefined> {
    const { build } = this.#metadata
    const question = build.selectFrom('machine').selectAll().where('resource_key', '=', resourceId.toLowerCase())
    const row = await this.#metadata.first(question)
    return row && machineOf(row)
  }

  /** By its source computer id, in either case. */
  async byComputerId(sourceComputerId: string): Promise<KnownMachine | undefined> {
    return await ofComputer(this.#metadata, sourceComputerId)
  }

  /** The machine's token is good for nothing from now on. */
  async voidToken(resourceId: string): Promise<void> {
    const change = this.#metadata.build
      .updateTable('machine')
      .set({ token_hash: secretHash(newSecret('tm_void_')) })
      .where('resource_key', '=', resourceId.toLowerCase())
    await this.#metadata.run(change)
  }

  async list(): Promise<KnownMachine[]> {
    const { build } = this.#metadata
    return (await this.#metadata.all(build.selectFrom('machine').selectAll().orderBy('computer'))).map(machineOf)
  }
}

// Firmware and tools write the same UUID in either case.
async function ofComputer(within: MetadataSession, sourceComputerId: string): Promise<KnownMachine | undefined> {
  const question = within.build
    .selectFrom('machine')
    .selectAll()
    .where((is) => is(is.fn<string>('lower', ['source_computer_id']), '=', sourceComputerId.toLowerCase()))
  const row = await within.first(question)
  return row && machineOf(row)
}

async function freeResourceId(within: MetadataSession, computer: string, sourceComputerId: string): Promise<string> {
  const base = `/subscriptions/${OWN_SUBSCRIPTION}/resourceGroups/${OWN_RESOURCE_GROUP}/providers/Microsoft.HybridCompute/machines/`
  const name = computer.replaceAll(/[^A-Za-z0-9._-]/g, '-')
  const ids = [name, `${name}-${sourceComputerId.slice(0, 8)}`, `${name}-${sourceComputerId}`].map(
    (one) => `${base}${one}`,
  )
  const keys = ids.map((id) => id.toLowerCase())
  const question = within.build.selectFrom('machine').select('resource_key').where('resource_key', 'in', keys)
  const taken = new Set((await within.all(question)).map(({ resource_key: key }) => key))
  const free = ids.find((id) => !taken.has(id.toLowerCase()))
  // Taking over another machine's id would silence that machine.
  if (free === undefined) throw new Error(`other machines have every name that ${computer} could have`)
  return free
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

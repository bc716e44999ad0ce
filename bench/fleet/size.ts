/** How large a fleet is made. The same size and moment give the same rows. */
export interface FleetSize {
  readonly machines: number
  readonly changes: number
  /** Rows of inventory; of three snapshots of each machine. */
  readonly inventory: number
  /** How far back changes go, in days. */
  readonly days: number
}

/** The size that the documents promise pages for. */
export const FULL_SIZE: FleetSize = { machines: 100_000, changes: 100_000_000, inventory: 150_000_000, days: 30 }

/** Snapshots of each machine's inventory; the first ones are out of date. */
export const SNAPSHOTS = 3
/** Hours between two snapshots of one machine. */
export const SNAPSHOT_HOURS = 20
/** Items of a machine: packages first, then daemons, then files. */
export const ITEMS = { software: 370, daemons: 60, files: 70 } as const
/** Items of each machine in a snapshot. */
export const ITEMS_EACH = ITEMS.software + ITEMS.daemons + ITEMS.files
/** Changes that belong together: those of one package operation, for one. */
export const GROUP_CHANGES = 40
/** Heartbeats of each machine: those of the last minutes. */
export const HEARTBEATS_EACH = 5

/** The full size, scaled: machines and rows alike; at least one machine with its snapshots. */
export function scaledSize(scale: number): FleetSize {
  const machines = Math.max(1, Math.round(FULL_SIZE.machines * scale))
  return {
    machines,
    changes: Math.max(GROUP_CHANGES, Math.round(FULL_SIZE.changes * scale)),
    inventory: machines * ITEMS_EACH * SNAPSHOTS,
    days: FULL_SIZE.days,
  }
}

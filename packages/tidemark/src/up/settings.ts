import { join, resolve } from 'node:path'

/** Where everything of one `tidemark up` lives. */
export interface UpPlaces {
  /** The state folder, absolute. */
  readonly state: string
  readonly serverState: string
  /** Root of what agent and change tracking keep: the described system's paths below it. */
  readonly root: string
  readonly logs: string
  /** What a program prints, `log/<name>.log`. */
  logOf(name: string): string
  /** Its lock is held while an `up` runs with this state. */
  readonly lock: string
  readonly adminToken: string
  readonly installation: string
}

export function upPlaces(state: string, folder: string): UpPlaces {
  const at = resolve(folder, state)
  return {
    state: at,
    serverState: join(at, 'server'),
    root: join(at, 'machine'),
    logs: join(at, 'log'),
    logOf: (name) => join(at, 'log', `${name}.log`),
    lock: join(at, 'up.lock'),
    adminToken: join(at, 'server', 'admin.token'),
    installation: join(at, 'tidemark.json'),
  }
}

/** The port of the portal where nothing else is said and it is free. */
export const PORT_DEFAULT = 8437

/** Frequencies of the default rule under `tidemark up`, in seconds: short, so that a change is seen while one looks. */
export const shortFrequencies = {
  fileSeconds: 5,
  softwareSeconds: 5,
  serviceSeconds: 5,
  inventorySeconds: 600,
} as const

/** Intervals of the agent under `tidemark up`, in milliseconds. */
export const shortIntervals = { uploadMs: 1_000, refreshMs: 2_000, heartbeatMs: 30_000 } as const

/** How long the first start may take before the screen is printed with what is known, in milliseconds. */
export const READY_MS_MAX = 60_000

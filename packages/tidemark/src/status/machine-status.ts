import { dirname, join } from 'node:path'

import { agentPlaces, arcFolders, type ChangeTrackingPlaces, changeTrackingPlaces } from '@tidemark/model'
import { z } from 'zod'

import { changedMs, namesStartingWith, readTextIfThere } from '../host/files.ts'

const trackedTypeStatus = z.looseObject({
  count: z.number(),
  lastRunAt: z.string().nullish(),
  lastRunMs: z.number().nullish(),
  lastError: z.string().nullish(),
  entries: z
    .array(
      z.looseObject({
        rule: z.string(),
        entry: z.string(),
        files: z.number(),
        folders: z.number(),
        bytes: z.number(),
        readFiles: z.number(),
        readBytes: z.number(),
      }),
    )
    .nullish(),
})

/** What change tracking writes to `status.json` beside its log, as far as commands read it. */
const trackingStatus = z.looseObject({
  pid: z.number(),
  version: z.string(),
  /** `Baseline` until everything was looked at once, then `Ready` or `Degraded`. */
  status: z.string(),
  detail: z.string(),
  types: z.record(z.string(), trackedTypeStatus).default({}),
  gaps: z.array(z.looseObject({ reason: z.string(), subject: z.string(), detail: z.string() })).default([]),
  outboxCount: z.number().default(0),
  filesProgress: z.looseObject({ files: z.number(), bytes: z.number() }).nullish(),
  /** `fanotify`, `inotify`, `none`, or `off` where no rule asks for it. */
  watchMethod: z.string().nullish(),
})
export type TrackingStatus = z.infer<typeof trackingStatus>

/** What the agent writes to `status.json` beside its log, as far as commands read it. */
const agentFileStatus = z.looseObject({
  pid: z.number(),
  version: z.string(),
  startedAt: z.string(),
  server: z.looseObject({ url: z.string(), isReachable: z.boolean(), lastError: z.string().nullish() }),
  rules: z.array(z.looseObject({ id: z.string(), eTag: z.string() })).default([]),
  streams: z
    .array(
      z.looseObject({
        id: z.string(),
        backlogBytes: z.number(),
        lastUploadAt: z.string().nullish(),
        lastError: z.string().nullish(),
        refusedCount: z.number().default(0),
        oldestAt: z.string().nullish(),
        hasUntoldDrops: z.boolean().default(false),
        destinations: z.array(z.looseObject({ channel: z.string(), isDraining: z.boolean() })).default([]),
      }),
    )
    .default([]),
  ruleProblems: z.array(z.string()).default([]),
  /** Abstract names begin with `@`. */
  sockets: z.array(z.string()).default([]),
  connections: z.number().default(0),
  refusedMessages: z.number().default(0),
  lastHeartbeatAt: z.string().nullish(),
})
export type AgentFileStatus = z.infer<typeof agentFileStatus>

/** What the two programs last wrote about themselves; absent where there is no file, or none that can be read. */
export interface MachineStatus {
  readonly agent?: AgentFileStatus
  readonly tracking?: TrackingStatus
  /** The log of change tracking: of the layout in which it wrote last. */
  readonly trackingLog: string
}

/** Reads both files below `root`. A file that was written by another version and cannot be understood counts as absent. */
export function readMachineStatus(root: string): MachineStatus {
  const agent = read(join(dirname(agentPlaces(root).log), 'status.json'), agentFileStatus)
  const places = trackingPlaces(root)
  const tracking = read(statusFile(places), trackingStatus)
  return { ...(agent ? { agent } : {}), ...(tracking ? { tracking } : {}), trackingLog: places.log }
}

/** Where change tracking wrote last: as on an Azure VM, or as some version of it does on an Arc machine. */
function trackingPlaces(root: string): ChangeTrackingPlaces {
  const { folder, prefix } = arcFolders(root)
  const versions = namesStartingWith(folder, prefix).map((name) => name.slice(prefix.length))
  const all = versions.map((version) => changeTrackingPlaces(root, { mode: 'arc', version }))
  const age = (places: ChangeTrackingPlaces): number => changedMs(statusFile(places))
  return all.reduce((last, one) => (age(one) > age(last) ? one : last), changeTrackingPlaces(root))
}

function statusFile({ logFolder }: ChangeTrackingPlaces): string {
  return join(logFolder, 'status.json')
}

function read<T>(path: string, shape: z.ZodType<T>): T | undefined {
  const text = readTextIfThere(path)
  if (text === undefined) return undefined
  try {
    return shape.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

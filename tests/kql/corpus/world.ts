/** A row of a table as it is stored, without its workspace. */
export type StoredRow = Readonly<Record<string, string | number | boolean | null>>

/** What the published queries are asked about: a week of four machines. */
export interface World {
  readonly nowMs: number
  readonly changes: readonly StoredRow[]
  readonly inventory: readonly StoredRow[]
  readonly beats: readonly StoredRow[]
}

/** A query as people publish them, in words of our own, and what is expected of its answer. */
export interface Published {
  readonly text: string
  /** Rows calculated from the world without SQL; compared in their order where `isOrdered`, else as a set. */
  readonly rows?: (world: World) => unknown[][]
  readonly isOrdered?: boolean
  /** Names and types of the answer's columns: `Computer:string n:long`. */
  readonly columns?: string
  /** The code of the problem that it is refused with, and a part of what that says. */
  readonly refused?: readonly [string, string]
  /** Codes of hints that must come with the answer. */
  readonly hints?: readonly string[]
}

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** A moment as answers tell it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z')
}

/** Milliseconds of a row's own time. */
export function timeOf(row: StoredRow): number {
  return Date.parse(String(row['TimeGenerated']))
}

/** Number of rows for each combination of values. */
export function countBy(rows: readonly StoredRow[], ...names: readonly string[]): unknown[][] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(names.map((name) => row[name])))
  return [...groups].map(([key, group]) => [...(JSON.parse(key) as unknown[]), group.length])
}

/** The last row of each combination of values. */
export function lastOf(rows: readonly StoredRow[], ...names: readonly string[]): StoredRow[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(names.map((name) => row[name])))
  return [...groups.values()].map((group) => group.reduce((one, other) => (timeOf(other) > timeOf(one) ? other : one)))
}

/** The distinct values of a column, sorted. */
export function distinctOf(rows: readonly StoredRow[], name: string): string[] {
  return [...new Set(rows.map((row) => String(row[name])))].toSorted()
}

/** The text of a column, empty where it has none. */
export function textOf(row: StoredRow, name: string): string {
  return String(row[name] ?? '')
}

const MACHINES = ['web-1', 'web-2', 'db-1', 'Build-3']
const PATHS = ['/etc/ssh/sshd_config', '/etc/hosts', '/etc/passwd', '/opt/app/conf.d/app.conf', '/etc/cron.d/backup']
const PACKAGES = ['openssl', 'bash', 'linux-image-6.1', 'python3']
const DAEMONS = ['ssh', 'cron', 'nginx', 'docker']

function at<T>(list: readonly T[], index: number): T {
  const value = list[index % list.length]
  if (value === undefined) throw new RangeError('an empty list')
  return value
}

function machineFacts(computer: string): StoredRow {
  const group = computer.startsWith('web') ? 'rg-web' : 'rg-back'
  return {
    Computer: computer,
    SourceComputerId: `id-${computer}`,
    VMUUID: `uuid-${computer}`,
    _ResourceId: `/subscriptions/s1/resourceGroups/${group}/providers/Microsoft.HybridCompute/machines/${computer}`,
    _SubscriptionId: 's1',
    _IsBillable: 'True',
  }
}

function changeFacts(index: number): StoredRow {
  const category = at(['Added', 'Removed', 'Modified', 'Modified', 'Modified'], index)
  const common = { ChangeCategory: category, ConfigChangeType: at(['Files', 'Software', 'Daemons'], index) }
  const isNew = category === 'Added'
  if (index % 3 === 0)
    return {
      ...common,
      FileSystemPath: at(PATHS, index),
      FieldsChanged: index % 2 === 0 ? 'FileContentChecksum,DateModified' : 'DateModified',
      FileContentChecksum: `c${index}`,
      PreviousFileContentChecksum: isNew ? '' : `c${index - 3}`,
      Size: 100 + index,
      PreviousSize: isNew ? null : 90 + 2 * index,
      Xattrs: `{"security.selinux":"s${index % 4}","tags":["a","t${index % 2}"]}`,
    }
  if (index % 3 === 1)
    return {
      ...common,
      SoftwareName: at(PACKAGES, index),
      SoftwareType: 'Package',
      Publisher: at(['Debian', 'Canonical'], index),
      Current: category === 'Removed' ? '' : `1.${index}.0-2`,
      Previous: isNew ? '' : `1.${index - 1}.0-2`,
    }
  return {
    ...common,
    SvcName: at(DAEMONS, index),
    SvcDisplayName: `${at(DAEMONS, index)} daemon`,
    SvcState: index % 2 === 0 ? 'Running' : 'Stopped',
    SvcPreviousState: index % 2 === 0 ? 'Stopped' : 'Running',
    SvcChangeType: index % 4 === 0 ? 'StartupType' : 'State',
    SvcStartupType: index % 5 === 0 ? 'Manual' : 'Auto',
  }
}

/** The same rows each time: everything follows from the number of the row. */
export function makeWorld(nowMs: number): World {
  const changes = Array.from({ length: 120 }, (_, index): StoredRow => ({
    ...machineFacts(at(MACHINES, index)),
    TimeGenerated: iso(nowMs - index * 97 * MINUTE - 30_000),
    _TimeReceived: iso(nowMs - index * 97 * MINUTE - 10_000),
    Type: 'ConfigurationChange',
    SourceSystem: 'ChangeTracking',
    _BilledSize: 500 + index,
    ...changeFacts(index),
  }))
  const inventory = MACHINES.flatMap((computer, place) => [
    ...PACKAGES.flatMap((name, index) =>
      [0, 1].map((round): StoredRow => ({
        ...machineFacts(computer),
        TimeGenerated: iso(nowMs - (round * 20 + place + 1) * HOUR),
        Type: 'ConfigurationData',
        ConfigDataType: 'Software',
        SoftwareName: name,
        SoftwareType: index === 3 ? 'Application' : 'Package',
        Publisher: at(['Debian', 'Canonical'], index),
        CurrentVersion: `${index + 1}.${place}.${1 - round}`,
        Architecture: 'amd64',
        _BilledSize: 300,
      })),
    ),
    ...DAEMONS.slice(0, 3).map((name, index): StoredRow => ({
      ...machineFacts(computer),
      TimeGenerated: iso(nowMs - (place + 2) * HOUR),
      Type: 'ConfigurationData',
      ConfigDataType: 'Daemons',
      SvcName: name,
      SvcDisplayName: `${name} daemon`,
      SvcState: (place + index) % 2 === 0 ? 'Running' : 'Stopped',
      SvcStartupType: index === 2 ? 'Manual' : 'Auto',
      _BilledSize: 300,
    })),
  ])
  return { nowMs, changes, inventory, beats: beatsOf(nowMs) }
}

function beatsOf(nowMs: number): StoredRow[] {
  const silentHours = [0, 0, 3, 7]
  return MACHINES.flatMap((computer, place) =>
    Array.from({ length: 30 }, (_, hour): StoredRow => ({
      ...machineFacts(computer),
      TimeGenerated: iso(nowMs - (hour + (silentHours[place] ?? 0)) * HOUR - MINUTE),
      _TimeReceived: iso(nowMs - (hour + (silentHours[place] ?? 0)) * HOUR - MINUTE + 3_000),
      Type: 'Heartbeat',
      OSType: 'Linux',
      OSName: place === 2 ? 'Debian GNU/Linux 12' : 'Ubuntu 24.04 LTS',
      OSMajorVersion: place === 2 ? '12' : '24',
      Category: 'Azure Monitor Agent',
      Version: `1.3${place}.0`,
      ComputerIP: `10.0.${place}.4`,
      ComputerEnvironment: place === 3 ? 'Non-Azure' : 'Azure',
      Solutions: '"security", "updates", "changeTracking"',
      ResourceGroup: computer.startsWith('web') ? 'rg-web' : 'rg-back',
      Resource: computer,
      ResourceType: 'machines',
      ResourceId: `/subscriptions/s1/machines/${computer}`,
      SubscriptionId: 's1',
      _BilledSize: 200,
    })),
  )
}

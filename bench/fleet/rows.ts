import {
  ACCOUNTS,
  checksum,
  computer,
  DAEMONS,
  HOSTILE,
  LOGINS,
  oneOf,
  packageName,
  PROGRAMS,
  quoted,
  resourceId,
  share,
  sourceComputerId,
  uuid,
  versionNumber,
  versionText,
} from './words.ts'
import { type FleetSize, GROUP_CHANGES, HEARTBEATS_EACH, ITEMS, ITEMS_EACH, SNAPSHOT_HOURS, SNAPSHOTS } from './size.ts'

/** Rows of one table: the expression of each column, over `number`. */
export interface FleetRows {
  readonly table: string
  readonly count: number
  /** Expressions with a name, each of which may name those before it. */
  readonly given: Readonly<Record<string, string>>
  readonly columns: Readonly<Record<string, string>>
  /** Which numbers make a row; all where it is absent. */
  readonly where?: string
}

/** Whose fleet, how large, and up to when. */
export interface Fleet {
  readonly size: FleetSize
  readonly workspaceId: string
  readonly nowMs: number
}

const DAY_MS = 86_400_000
// Machines of small numbers change more than others.
const machineBy = (hash: string, machines: number): string => `toUInt64(floor(${machines} * pow(${hash}, 1.4)))`
const moment = (ms: string): string => `addMicroseconds(toDateTime64(0, 7, 'UTC'), toInt64((${ms}) * 1000))`

/** What each row has, whatever its table. */
function stamped({ workspaceId }: Fleet, table: string, first: number): Record<string, string> {
  return {
    TenantId: quoted(workspaceId),
    Type: quoted(table),
    SourceSystem: "'Linux'",
    Computer: computer('m'),
    SourceComputerId: sourceComputerId('m'),
    VMUUID: sourceComputerId('m'),
    _ResourceId: resourceId('m'),
    _SubscriptionId: "'00000000-0000-0000-0000-000000000000'",
    BaselineEpoch: uuid('m', "'epoch'"),
    Sequence: 'toInt64(number)',
    RecordId: uuid('number', quoted(table)),
    _TimeReceived: 'addSeconds(at, 2)',
    TimeGenerated: 'at',
    _Arrival: `${first} + number`,
    _Batch: `bitShiftRight(sipHash64(intDiv(number, 40), 'batch'), 12)`,
    _Sender: "bitShiftRight(sipHash64(m, 'sender'), 12)",
  }
}

/** The moment and the kind of a group of changes, and what it is about. */
function groupGiven({ size, nowMs }: Fleet): Record<string, string> {
  const groups = Math.max(1, Math.ceil(size.changes / GROUP_CHANGES))
  const startMs = nowMs - size.days * DAY_MS
  return {
    g: `intDiv(number, ${GROUP_CHANGES})`,
    j: `number % ${GROUP_CHANGES}`,
    // A day has busy hours: its parts are drawn together around noon.
    days: `${size.days} * (g + j / ${GROUP_CHANGES * 4}) / ${groups}`,
    ms: `${startMs} + ${DAY_MS} * (days + 0.12 * sin(2 * pi() * days))`,
    at: moment(`least(toInt64(ms), ${nowMs - 1000})`),
    kind: "['operation', 'operation', 'operation', 'edit', 'edit', 'daemon', 'job'][1 + sipHash64(g, 'kind') % 7]",
    isOperation: "kind = 'operation'",
    m: machineBy(share("if(kind = 'edit', intDiv(number, 8), g)", "'machine'"), size.machines),
    p: `toUInt32(floor(2650 * pow(${share('g', "'package'")}, 3)))`,
    v: versionNumber({ m: 'm', p: 'p', day: `toUInt32(intDiv(toInt64(ms), ${DAY_MS}))` }),
    type: "multiIf(isOperation AND j < 2, 'Software', kind = 'daemon', 'Daemons', 'Files')",
    isFile: "type = 'Files'",
    category: `multiIf(isOperation, ['Modified', 'Modified', 'Modified', 'Added', 'Removed'][1 + sipHash64(g, 'does') % 5], kind = 'daemon', 'Modified', ${oneOf(['Modified', 'Added', 'Removed'], 'number', "'does'")})`,
    operation: `if(isOperation, concat('apt-', formatDateTime(at, '%Y%m%dT%H%i%S'), '-', lower(hex(toUInt32(sipHash64(g))))), '')`,
  }
}

/** Changes of files, packages and daemons: operations, edits by people, jobs that write, daemons that flap. */
export function changeRows(fleet: Fleet): FleetRows {
  const path = `multiIf(
    NOT isFile, '',
    sipHash64(number, 'hostile') % 5000 = 0, [${HOSTILE.map(quoted).join(', ')}][1 + sipHash64(number, 'which') % ${HOSTILE.length}],
    isOperation, concat('/usr/', ['lib/x86_64-linux-gnu', 'share/doc', 'share/locale', 'bin', 'lib/systemd/system'][1 + intDiv(j, 2) % 5], '/', ${packageName('p')}, '/part-', toString(j)),
    kind = 'edit', concat(${oneOf(['/etc/nginx/conf.d', '/etc/ssh/sshd_config.d', '/home/deploy/app', '/srv/www/site', '/etc/cron.d', '/opt/app/conf'], 'number', "'folder'")}, '/', toString(sipHash64(number, 'file') % 400), '.conf'),
    concat('/var/lib/jobs/', ${oneOf(PROGRAMS, 'g').replaceAll('/usr/bin/', '')}, '/', toString(j), '.state'))`
  const before = 'toUInt32(greatest(v, 1) - 1)'
  const file = (expression: string, empty = "''"): string => `if(isFile, ${expression}, ${empty})`
  const columns: Record<string, string> = {
    ...stamped(fleet, 'ConfigurationChange', 1),
    ConfigChangeType: 'type',
    ChangeCategory: 'category',
    FileSystemPath: 'path',
    Name: "arrayElement(splitByChar('/', path), -1)",
    FieldsChanged: `multiIf(category != 'Modified', '', isFile, 'FileContentChecksum, Size, DateModified', kind = 'daemon', 'SvcState', 'CurrentVersion')`,
    FileContentChecksum: file(`if(isOperation, ${checksum('p', 'v', 'j')}, ${checksum('number')})`),
    PreviousFileContentChecksum: `if(isFile AND category = 'Modified', if(isOperation, ${checksum('p', before, 'j')}, ${checksum('number', "'before'")}), '')`,
    Size: file('toInt64(sipHash64(p, v, j) % 200000)', 'NULL'),
    PreviousSize: file(`toInt64(sipHash64(p, ${before}, j) % 200000)`, 'NULL'),
    DateModified: file('at', 'NULL'),
    DateCreated: file('subtractDays(at, 90)', 'NULL'),
    FileMode: file("if(j % 7 = 0, '0755', '0644')"),
    FileOwner: file("'root'"),
    FileGroup: file("'root'"),
    FileOwnerId: file('0', 'NULL'),
    FileGroupId: file('0', 'NULL'),
    ItemType: file("'file'"),
    Inode: file('toString(sipHash64(m, path) % 9000000)'),
    Device: file("'254:0'"),
    SoftwareName: `if(type = 'Software', ${packageName('p')}, '')`,
    SoftwareType: "if(type = 'Software', 'Package', '')",
    SoftwareSource: "if(type = 'Software', 'dpkg', '')",
    Publisher: "if(type = 'Software', 'Debian Maintainers', '')",
    Current: `if(type = 'Software' AND category != 'Removed', ${versionText({ p: 'p', v: 'v' })}, '')`,
    Previous: `if(type = 'Software' AND category != 'Added', ${versionText({ p: 'p', v: before })}, '')`,
    PackageName: `if(isOperation, ${packageName('p')}, '')`,
    PackageVersion: `if(isOperation, ${versionText({ p: 'p', v: 'v' })}, '')`,
    PackageVerdict: `multiIf(NOT isFile, '', isOperation, 'matches package', kind = 'edit', ${oneOf(['unowned', 'conffile edited', 'differs from package', 'cannot say'], 'number', "'verdict'")}, 'unowned')`,
    OperationId: 'operation',
    SvcName: `if(kind = 'daemon', ${oneOf(DAEMONS, 'g', "'daemon'")}, '')`,
    SvcState: "if(kind = 'daemon', ['Running', 'Dead'][1 + j % 2], '')",
    SvcPreviousState: "if(kind = 'daemon', ['Dead', 'Running'][1 + j % 2], '')",
    SvcStartupType: "if(kind = 'daemon', 'Enabled', '')",
    InitiatingProcessId: file('toInt64(sipHash64(g) % 4000000)', 'NULL'),
    InitiatingProcessAccountName: file(`if(kind = 'edit', ${oneOf(ACCOUNTS, 'intDiv(number, 8)', "'who'")}, 'root')`),
    InitiatingProcessLoginName: file(`if(kind = 'edit', ${oneOf(LOGINS, 'intDiv(number, 8)', "'login'")}, '')`),
    InitiatingProcessFolderPath: file(`if(isOperation, '/usr/bin/dpkg', ${oneOf(PROGRAMS, 'number', "'program'")})`),
    InitiatingProcessCommandLine: file(
      `if(isOperation, concat('dpkg --unpack ', ${packageName('p')}, '.deb'), 'sh -c job')`,
    ),
    InitiatingProcessCertainty: file("if(j % 9 = 0, 'inferred', 'captured')"),
    DetectedBy: "if(kind = 'edit', 'watch', 'scan')",
    RuleNames: `'["tidemark-default"]'`,
  }
  return { table: 'ConfigurationChange', count: fleet.size.changes, given: { ...groupGiven(fleet), path }, columns }
}

/** What package managers told of themselves: one row for each group of changes that is an operation. */
export function operationRows(fleet: Fleet): FleetRows {
  const columns = {
    ...stamped(fleet, 'TidemarkOperation', 1_000_000_000_000),
    ConfigChangeType: "'Software'",
    OperationId: 'operation',
    OperationSource: "'apt'",
    Outcome: "if(sipHash64(g, 'ended') % 50 = 0, 'failed', 'completed')",
    DateStarted: 'at',
    DateEnded: 'addSeconds(at, 20)',
    CommandLine: `concat('apt-get install -y ', ${packageName('p')})`,
    RequestedBy: oneOf(LOGINS, 'g', "'asked'"),
    PackageCount: '2',
    RuleNames: `'["tidemark-default"]'`,
  }
  const where = `j = 0 AND isOperation`
  return { table: 'TidemarkOperation', count: fleet.size.changes, given: groupGiven(fleet), columns, where }
}

/** Snapshots of every machine's packages, daemons and files; the last one of each machine is what it has now. */
export function inventoryRows(fleet: Fleet): FleetRows {
  const { size, nowMs } = fleet
  const machines = Math.max(1, Math.floor(size.inventory / ITEMS_EACH / SNAPSHOTS))
  const type = `multiIf(slot < ${ITEMS.software}, 'Software', slot < ${ITEMS.software + ITEMS.daemons}, 'Daemons', 'Files')`
  const firstFile = ITEMS.software + ITEMS.daemons
  const given = {
    snapshot: `intDiv(number, ${machines * ITEMS_EACH})`,
    // Hashes depend on the type: a machine has one name in all tables.
    m: `toUInt64(intDiv(number, ${ITEMS_EACH}) % ${machines})`,
    slot: `number % ${ITEMS_EACH}`,
    type,
    isSoftware: "type = 'Software'",
    isFile: "type = 'Files'",
    isDaemon: "type = 'Daemons'",
    hoursAgo: `${SNAPSHOT_HOURS} * (${SNAPSHOTS - 1} - snapshot) + ${SNAPSHOT_HOURS} * ${share('m', 'type', "'turn'")}`,
    ms: `${nowMs} - 3600000 * hoursAgo`,
    at: moment('ms'),
    // The first packages are on every machine; of each twenty of the rest a machine has one.
    p: `toUInt32(if(slot < 250, slot, 250 + (slot - 250) * 20 + floor(20 * pow(${share('m', 'slot')}, 2))))`,
    v: versionNumber({ m: 'm', p: 'p', day: `toUInt32(intDiv(toInt64(ms), ${DAY_MS}))` }),
    file: `toUInt32(slot - ${firstFile})`,
  }
  const columns = {
    ...stamped(fleet, 'ConfigurationData', 1),
    ConfigDataType: 'type',
    SoftwareName: `if(isSoftware, ${packageName('p')}, '')`,
    CurrentVersion: `if(isSoftware, ${versionText({ p: 'p', v: 'v' })}, '')`,
    SoftwareType: "if(isSoftware, 'Package', '')",
    SoftwareSource: "if(isSoftware, 'dpkg', '')",
    SoftwareStatus: "if(isSoftware, 'install ok installed', '')",
    Publisher: "if(isSoftware, 'Debian Maintainers', '')",
    Architecture: "if(isSoftware, ['amd64', 'all'][1 + p % 2], '')",
    InstallDate: 'if(isSoftware, subtractDays(toStartOfDay(at), v % 30), NULL)',
    SvcName: `if(isDaemon, [${DAEMONS.map(quoted).join(', ')}][1 + (slot - ${ITEMS.software}) % ${DAEMONS.length}], '')`,
    SvcDescription: "if(isDaemon, 'A daemon of the fleet', '')",
    SvcState: `if(isDaemon, ${oneOf(['Running', 'Running', 'Dead', 'Failed'], 'm', 'slot')}, '')`,
    SvcStartupType: `if(isDaemon, ${oneOf(['Enabled', 'Static', 'Disabled'], 'slot')}, '')`,
    FileSystemPath: `if(isFile, concat('/etc/', ${packageName('file')}, '/', toString(file), '.conf'), '')`,
    // Three files are another one on every machine; of the others there are a few variants.
    FileContentChecksum: `if(isFile, if(file < 3, ${checksum('m', 'file')}, ${checksum('file', `toUInt32(floor(6 * pow(${share('m', 'slot')}, 3)))`)}), '')`,
    Size: 'if(isFile, toInt64(sipHash64(file) % 9000), NULL)',
    FileMode: "if(isFile, '0644', '')",
    FileOwner: "if(isFile, 'root', '')",
    FileGroup: "if(isFile, 'root', '')",
    DateModified: 'if(isFile, subtractDays(toStartOfDay(at), file), NULL)',
    DetectedBy: "'scan'",
    RuleNames: `'["tidemark-default"]'`,
  }
  return { table: 'ConfigurationData', count: machines * ITEMS_EACH * SNAPSHOTS, given, columns }
}

/** The last heartbeats of every machine; one in a hundred is silent. */
export function heartbeatRows(fleet: Fleet): FleetRows {
  const given = {
    m: `intDiv(number, ${HEARTBEATS_EACH})`,
    silentMs: "if(sipHash64(m, 'silent') % 100 = 0, 7200000, 0)",
    at: moment(
      `${fleet.nowMs} - silentMs - 60000 * (${HEARTBEATS_EACH - 1} - number % ${HEARTBEATS_EACH}) - sipHash64(m) % 60000`,
    ),
  }
  const { BaselineEpoch: _epoch, Sequence: _sequence, RecordId: _record, ...each } = stamped(fleet, 'Heartbeat', 1)
  const columns = {
    ...each,
    OSType: "'Linux'",
    OSName: oneOf(['Debian GNU/Linux', 'Ubuntu', 'AlmaLinux', 'Rocky Linux'], 'm', "'os'"),
    OSMajorVersion: oneOf(['12', '24.04', '9'], 'm', "'os'"),
    Version: oneOf(['0.1.0', '0.0.9'], 'm', "'agent'"),
    ExtensionVersion: oneOf(['0.1.0', '0.0.9'], 'm', "'agent'"),
    ExtensionStatus: "'Ready'",
    ComputerPrivateIPs:
      "concat('[\"10.', toString(intDiv(m, 65536)), '.', toString(intDiv(m, 256) % 256), '.', toString(m % 256), '\"]')",
    RuleVersions: "'{}'",
    BacklogBytes: "if(sipHash64(m, 'backlog') % 40 = 0, 1048576, 0)",
  }
  return { table: 'Heartbeat', count: fleet.size.machines * HEARTBEATS_EACH, given, columns }
}

/** Gaps that machines told. */
export function visibilityRows(fleet: Fleet): FleetRows {
  const given = {
    m: machineBy(share('number', "'gap'"), fleet.size.machines),
    at: moment(`${fleet.nowMs} - 3600000 * (sipHash64(number, 'when') % 720)`),
  }
  const columns = {
    ...stamped(fleet, 'TidemarkVisibility', 1),
    ConfigChangeType: "'Files'",
    Reason: oneOf(['unreadable', 'watch-overflowed', 'limit-reached'], 'number', "'why'"),
    Subject: "'/var/lib'",
    Detail: "'made by the fleet generator'",
  }
  return { table: 'TidemarkVisibility', count: Math.ceil(fleet.size.machines / 2), given, columns }
}

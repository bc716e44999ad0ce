import type { MachineView, QueryCell } from '@tidemark/model'

/** A row of the fake store: only the columns that are not empty. */
export type FakeRow = Readonly<Record<string, QueryCell>>

/** Machines that the fake rows come from; the middle one tries to mislead its reader. */
export const computers = ['alpha', 'beta\u202egnp.exe', 'gamma'] as const
const categories = ['Modified', 'Added', 'Removed'] as const

/** `count` changes, newest first, spread over `spanMs` before `nowMs`. Every fifth is of software, every seventh a daemon. */
export function fakeChanges(
  count: number,
  { nowMs, spanMs }: { readonly nowMs: number; readonly spanMs: number },
): FakeRow[] {
  return Array.from({ length: count }, (_, index) => ({
    TimeGenerated: new Date(nowMs - Math.floor(((index + 0.5) / count) * spanMs)).toISOString(),
    Computer: computers[index % 3] ?? '',
    ChangeCategory: categories[index % 11 === 0 ? 1 : index % 13 === 0 ? 2 : 0] ?? '',
    RecordId: `record-${index}`,
    RuleNames: '["default"]',
    ...(index % 5 === 0 ? software(index) : index % 7 === 0 ? daemon(index) : file(index)),
  }))
}

function file(index: number): FakeRow {
  return {
    ConfigChangeType: 'Files',
    FileSystemPath: `/etc/service-${index % 400}/conf.d/${index}.conf`,
    FieldsChanged: 'FileContentChecksum,Size',
    FileContentChecksum: `aa${index}`.padEnd(64, '0'),
    PreviousFileContentChecksum: `bb${index}`.padEnd(64, '0'),
    Size: 1_000 + index,
    PreviousSize: 900,
    FileMode: '0644',
    PreviousFileMode: '0644',
    FileOwner: 'root',
    PreviousFileOwner: 'root',
  }
}

function software(index: number): FakeRow {
  return {
    ConfigChangeType: 'Software',
    SoftwareName: `lib<b>${index}</b>`,
    Previous: '1.0-1',
    Current: `1.0-${2 + (index % 9)}`,
    FieldsChanged: 'CurrentVersion',
    Publisher: 'Debian <maintainers@example.org>',
  }
}

function daemon(index: number): FakeRow {
  return {
    ConfigChangeType: 'Daemons',
    SvcName: `worker-${index}`,
    SvcState: 'Dead',
    SvcPreviousState: 'Running',
    SvcStartupType: 'Enabled',
    SvcPreviousStartupType: 'Enabled',
    FieldsChanged: 'SvcState',
  }
}

/** Two snapshots of each machine: what only the older one has was removed since. */
export function fakeInventory(nowMs: number): FakeRow[] {
  const [earlier, now] = [new Date(nowMs - 7_200_000).toISOString(), new Date(nowMs).toISOString()]
  const packages = Array.from({ length: 500 }, (_, index) => ({
    ConfigDataType: 'Software',
    SoftwareName: `package-${index}`,
    CurrentVersion: `2.${index}-1+deb12u3`,
    Architecture: 'amd64',
    Publisher: 'Debian Maintainers <pkg@lists.debian.org>',
    SoftwareDescription: 'a package of the fake machine',
    SoftwareType: 'Package',
  }))
  const files = ['/etc/hosts', '/etc/resolv.conf', '/etc/ssh/sshd_config'].map((path, index) => ({
    ConfigDataType: 'Files',
    FileSystemPath: path,
    Size: 100 * (index + 1),
    FileMode: '0644',
    FileOwner: 'root',
    FileGroup: 'root',
    FileOwnerId: 0,
    FileGroupId: 0,
    DateChanged: earlier,
    Inode: String(5_000 + index),
    Device: '8:1',
    Links: 1,
    Xattrs: '{"user.note":"kept"}',
    SecurityLabel: 'system_u:object_r:etc_t:s0',
    GroupTag: 'Recommended',
    FileContentChecksum: 'c'.repeat(64),
    DateModified: earlier,
  }))
  const daemons = ['ssh', 'cron'].map((name) => ({
    ConfigDataType: 'Daemons',
    SvcName: name,
    SvcState: 'Running',
    SvcStartupType: 'Enabled',
    SvcDescription: `the ${name} daemon`,
    SvcController: 'systemd',
  }))
  return ['alpha', 'gamma'].flatMap((computer) => [
    {
      Computer: computer,
      TimeGenerated: earlier,
      RecordId: `${computer}-gone`,
      ConfigDataType: 'Software',
      SoftwareName: 'gone',
      Architecture: 'amd64',
    },
    ...[...packages, ...files, ...daemons].map((item, index) => ({
      ...item,
      Computer: computer,
      TimeGenerated: now,
      RecordId: `${computer}-${index}`,
    })),
  ])
}

/** One machine that is silent, one that is well, one that is new. */
export function fakeMachines(nowMs: number): MachineView[] {
  const well: MachineView = {
    computer: 'alpha',
    resourceId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/alpha',
    sourceComputerId: '6f6f4a8e-0000-4000-8000-000000000001',
    registeredAt: new Date(nowMs - 90_000_000).toISOString(),
    lastHeartbeatAt: new Date(nowMs - 30_000).toISOString(),
    status: 'healthy',
    statusDetail: '',
    agentVersion: '0.1.0',
    extensionVersion: '0.1.0',
    extensionStatus: 'tracking files, software, daemons',
    osName: 'Debian GNU/Linux',
    osVersion: '12',
    addresses: ['10.0.0.5', 'fe80::1'],
    rules: ['tidemark-default'],
    backlogBytes: 20_480,
    rulesInForce: [],
    revokedAt: null,
    revokedBy: null,
    revokedReason: null,
    cloneSeenAt: null,
  }
  const detail = 'no heartbeat for 12 minutes; look at the agent there with tidemark status'
  const unknown = {
    agentVersion: '',
    extensionVersion: '',
    extensionStatus: '',
    osName: '',
    osVersion: '',
    backlogBytes: 0,
  }
  return [
    {
      ...well,
      computer: 'gamma',
      resourceId: 'gamma',
      status: 'silent',
      statusDetail: detail,
      lastHeartbeatAt: new Date(nowMs - 720_000).toISOString(),
    },
    {
      ...well,
      ...unknown,
      computer: computers[1],
      resourceId: 'beta',
      status: 'new',
      lastHeartbeatAt: null,
      addresses: [],
    },
    well,
  ]
}

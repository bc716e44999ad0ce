import { contentLink } from '@tidemark/model'

import { type FakeContents, keptText } from './fake-contents.ts'
import type { FakeRow } from './fake-rows.ts'

const config = Array.from({ length: 40 }, (_, index) => `# option ${index + 1}`)
const before = [
  ...config,
  'Port 22',
  'PermitRootLogin no',
  '\tMatch User git',
  'token = [redacted 3f2a]',
  ...config,
  '',
].join('\n')
const after = [
  ...config,
  'Port 2222',
  'PermitRootLogin no ',
  '    Match User git',
  'token = [redacted 9c01]',
  'Banner <b>\u202eboo</b>',
  ...config,
  '',
].join('\n')
const log = Array.from({ length: 1_300 }, (_, index) => `line ${index + 1} of the log`).join('\n')

const kept = {
  before: keptText(before, { redactionCount: 1 }),
  after: keptText(after, { redactionCount: 3, isTruncated: true }),
  log: keptText(log),
  empty: keptText(''),
  oldBytes: keptText('old\u0000bytes', { isText: false, encoding: 'binary', text: '', size: 20_480 }),
  newBytes: keptText('new\u0000bytes', { isText: false, encoding: 'binary', text: '', size: 30_720 }),
} as const

/** The contents that the stories link to. */
export const storyContents: FakeContents = new Map(Object.values(kept).map((content) => [content.hash, content]))

const hostile = '<img src=x onerror=alert(1)>\u202e\u0007'

const editor = {
  DetectedBy: 'watch',
  InitiatingProcessId: 4_711,
  InitiatingProcessFolderPath: '/usr/bin/vim.basic',
  InitiatingProcessCommandLine: 'vim --cmd "set nobackup" /etc/ssh/sshd_config',
  InitiatingProcessAccountName: 'root',
  InitiatingProcessLoginName: 'alice',
  InitiatingProcessSessionId: '12',
  InitiatingProcessUnit: 'session-12.scope',
  InitiatingProcessCertainty: 'captured',
  InitiatingProcessTree: JSON.stringify([
    { pid: 4_700, exe: '/usr/bin/sudo', commandLine: 'sudo vim /etc/ssh/sshd_config', account: 'root' },
    { pid: 4_600, exe: '/usr/bin/bash', commandLine: '-bash', account: 'alice' },
    { pid: 4_590, exe: '/usr/sbin/sshd', commandLine: 'sshd: alice@pts/0', account: 'alice' },
    { pid: 1, exe: '/usr/lib/systemd/systemd', commandLine: '/sbin/init', account: 'root' },
  ]),
} as const

const mover = {
  DetectedBy: 'watch',
  InitiatingProcessAccountName: 'deploy',
  InitiatingProcessFolderPath: '/usr/bin/mv',
  InitiatingProcessId: 99,
  InitiatingProcessContainerId: 'c0ffee',
  InitiatingProcessCertainty: 'inferred',
  InitiatingProcessNote: 'The process had ended; mv was the only one that had the folder open.',
  InitiatingProcessOthers: JSON.stringify([
    {
      pid: 100,
      exe: '/usr/bin/chmod',
      commandLine: 'chmod 600 new.conf',
      account: 'deploy',
      login: 'bob',
      unit: 'cron.service',
      certainty: 'captured',
    },
  ]),
} as const

/** Changes of files that tell more than most, by what they are about; newest first, a minute apart. */
export function fakeStories(nowMs: number): Readonly<Record<StoryName, FakeRow>> {
  let index = 0
  const file = (path: string, more: FakeRow): FakeRow => {
    index += 1
    const time = new Date(nowMs - index * 60_000).toISOString()
    return {
      TimeGenerated: time,
      TimeObserved: time,
      Computer: 'alpha',
      ConfigChangeType: 'Files',
      ChangeCategory: 'Modified',
      RecordId: `story-${index}`,
      FileSystemPath: path,
      ...more,
    }
  }
  return {
    edited: file('/etc/ssh/sshd_config', {
      ...editor,
      ...links(kept.before, kept.after),
      ...everyColumn,
      FieldsChanged:
        'FileContentChecksum, Size, FileMode, DateModified, Xattrs, Acls, Links, SecurityLabel, Capabilities',
    }),
    renamed: file('/etc/app/new.conf', {
      PreviousFileSystemPath: '/etc/app/old.conf',
      Name: 'new.conf',
      PreviousName: 'old.conf',
      FieldsChanged: 'FileSystemPath, Name, DateChanged',
      DateChanged: '2026-01-02T03:04:05.2500000Z',
      PreviousDateChanged: '2026-01-02T03:04:05.1200000Z',
      ...mover,
    }),
    scanned: file('/etc/scanned', { FieldsChanged: 'Size', Size: 5, PreviousSize: 4, DetectedBy: 'scan' }),
    added: file('/var/log/added.log', { ChangeCategory: 'Added', ...links(undefined, kept.log), DetectedBy: 'scan' }),
    removed: file('/etc/removed', { ChangeCategory: 'Removed', ...links(kept.empty, undefined), DetectedBy: 'scan' }),
    binary: file('/usr/bin/tool', { ...links(kept.oldBytes, kept.newBytes), FieldsChanged: 'FileContentChecksum' }),
    touched: file('/etc/touched', { ...links(kept.log, kept.log), FieldsChanged: 'DateModified' }),
    hostile: file(`/etc/${hostile}`, {
      ...editor,
      InitiatingProcessAccountName: hostile,
      InitiatingProcessCommandLine: `sh -c ${hostile}\nrm ${'x'.repeat(10_000)}`,
      InitiatingProcessTree: JSON.stringify([{ pid: hostile, exe: hostile, commandLine: hostile }, null, 7]),
      FieldsChanged: `Size, ${hostile}`,
      Size: 5,
      PreviousSize: 4,
      Xattrs: hostile.repeat(100),
      GroupTag: hostile,
    }),
  }
}

/** The stories there are. */
export type StoryName = 'edited' | 'renamed' | 'scanned' | 'added' | 'removed' | 'binary' | 'touched' | 'hostile'

function links(from: { readonly hash: string } | undefined, to: { readonly hash: string } | undefined): FakeRow {
  return {
    ...(from ? { PreviousFileContentBlobLink: contentLink(from.hash) } : {}),
    ...(to ? { FileContentBlobLink: contentLink(to.hash) } : {}),
  }
}

const everyColumn: FakeRow = {
  FileContentChecksum: kept.after.hash,
  PreviousFileContentChecksum: kept.before.hash,
  Size: 20_480,
  PreviousSize: 900,
  FileMode: '4755',
  PreviousFileMode: '0644',
  FileOwner: 'root',
  PreviousFileOwner: 'root',
  FileOwnerId: 0,
  PreviousFileOwnerId: 0,
  FileGroupId: 0,
  PreviousFileGroupId: 0,
  DateModified: '2026-01-02T03:04:05.2500000Z',
  PreviousDateModified: '2026-01-02T03:04:05.1200000Z',
  Inode: '5042',
  PreviousInode: '5042',
  Device: '8:1',
  PreviousDevice: '8:1',
  Links: 2,
  PreviousLinks: 1,
  Xattrs: '{"user.note":"seen","user.more":"2"}',
  PreviousXattrs: '{"user.note":"seen"}',
  SecurityLabel: 'system_u:object_r:etc_t:s0',
  PreviousSecurityLabel: '',
  Capabilities: 'cap_net_bind_service=ep',
  PreviousCapabilities: '',
  Acls: 'user::rwx,user:alice:r--,group::r-x',
  PreviousAcls: 'user::rwx,group::r-x',
  Attributes: 'immutable',
  PreviousAttributes: 'immutable',
  GroupTag: 'Recommended',
}

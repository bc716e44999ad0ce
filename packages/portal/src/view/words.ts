// Column names as people say them. The column's own name stands in the tooltip, for whoever writes queries.
const TITLES: Readonly<Record<string, string>> = {
  FileSystemPath: 'Path',
  Name: 'Name',
  ItemType: 'Kind of file',
  Size: 'Size',
  FileMode: 'Mode',
  FileOwner: 'Owner',
  FileGroup: 'Group',
  FileOwnerId: 'Owner’s number',
  FileGroupId: 'Group’s number',
  FileContentChecksum: 'Content checksum',
  FileContentBlobLink: 'Kept content',
  LinkTarget: 'Link target',
  DateCreated: 'Created',
  DateModified: 'Content last modified',
  DateChanged: 'Status last changed',
  Inode: 'Inode',
  Device: 'Device',
  Links: 'Hard links',
  DeviceNumber: 'Device number',
  Xattrs: 'Extended attributes',
  SecurityLabel: 'Security label',
  Capabilities: 'Capabilities',
  Acls: 'Access list',
  Attributes: 'Attributes',
  GroupTag: 'Group tag',
  SoftwareName: 'Name',
  SoftwareType: 'Kind of software',
  SoftwareDescription: 'Description',
  SoftwareStatus: 'Status',
  CurrentVersion: 'Version',
  InstallDate: 'Installed',
  SvcName: 'Name',
  SvcDisplayName: 'Display name',
  SvcDescription: 'Description',
  SvcState: 'State',
  SvcStartupType: 'Startup type',
  SvcRunlevels: 'Runlevels',
  SvcAccount: 'Account',
  SvcController: 'Controller',
  SvcPath: 'Program',
  ConfigDataType: 'Type',
  Computer: 'Machine',
  TimeGenerated: 'Last refreshed',
  RuleNames: 'Rules',
}

/** A column as a heading: `Hard links`. A name that is not known is taken apart into its words. */
export function columnTitle(name: string): string {
  return Object.hasOwn(TITLES, name) ? (TITLES[name] ?? name) : firstLarge(takenApart(name))
}

/** A column within a sentence: `hard links`. What a checksum stands for is the content. */
export function columnWord(name: string): string {
  return name === 'FileContentChecksum' ? 'content' : columnTitle(name).toLowerCase()
}

function takenApart(name: string): string {
  const bare = name.replace(/^(File|Svc|Software)(?=[A-Z])/, '')
  return bare.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
}

function firstLarge(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

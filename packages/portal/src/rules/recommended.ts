/** An entry of files as it is added to a rule. */
export type RecommendedEntry = Readonly<Record<string, unknown>> & {
  readonly name: string
  readonly destinationPath: string
}

/** Entries that belong together; title and reason are in the words. */
export interface RecommendedSet {
  readonly id: SetId
  readonly entries: readonly RecommendedEntry[]
  /** Settings beside the entries: place in `extensionSettings`, and value. */
  readonly settings?: readonly (readonly [place: readonly string[], value: unknown])[]
}

/** Names of the sets. */
export const setIds = [
  'azure',
  'ssh',
  'sudo',
  'cron',
  'accounts',
  'units',
  'packages',
  'kernel',
  'network',
  'trust',
  'web',
  'containers',
] as const
export type SetId = (typeof setIds)[number]

type More = Readonly<Record<string, unknown>>

const entry = (name: string, destinationPath: string, more: More = {}): RecommendedEntry => ({
  name,
  destinationPath,
  groupTag: 'Recommended',
  ...more,
})
const keeping: More = { uploadContent: true }
/** A folder, and everything below it. */
const below: More = { recurse: true, type: '*' }
/** Files in a folder itself. */
const flat: More = { recurse: false }

/** The file of Azure's own default rule for change tracking, as that rule writes it. */
const azureDefault: RecommendedEntry = {
  name: 'ChangeTrackingLinuxPath_default',
  enabled: true,
  destinationPath: '/etc/.*.conf',
  useSudo: true,
  recurse: true,
  maxContentsReturnable: 5_000_000,
  pathType: 'File',
  type: 'File',
  links: 'Follow',
  maxOutputSize: 500_000,
  groupTag: 'Recommended',
}

/** Sets that are ready to be added; paths that a machine does not have cost nothing there. */
export const recommendedSets: readonly RecommendedSet[] = [
  { id: 'azure', entries: [azureDefault] },
  {
    id: 'ssh',
    entries: [
      entry('ssh-server', '/etc/ssh/sshd_config', keeping),
      entry('ssh-server-parts', '/etc/ssh/sshd_config.d/*', { ...flat, ...keeping }),
      entry('ssh-client', '/etc/ssh/ssh_config', keeping),
      entry('ssh-host-keys', '/etc/ssh/ssh_host_*', flat),
      entry('ssh-root-keys', '/root/.ssh/authorized_keys*', flat),
      entry('ssh-user-keys', '/home/*/.ssh/authorized_keys*', flat),
    ],
  },
  {
    id: 'sudo',
    entries: [
      entry('sudoers', '/etc/sudoers', keeping),
      entry('sudoers-parts', '/etc/sudoers.d/*', { ...flat, ...keeping }),
      entry('pam', '/etc/pam.d/*', { ...flat, ...keeping }),
      entry('pam-limits', '/etc/security/*', below),
      entry('polkit', '/etc/polkit-1/*', below),
    ],
  },
  {
    id: 'cron',
    entries: [
      entry('crontab', '/etc/crontab', keeping),
      entry('cron-parts', '/etc/cron.*/*', { ...flat, ...keeping }),
      entry('cron-users', '/var/spool/cron/*', { ...below, ...keeping }),
      entry('anacron', '/etc/anacrontab', keeping),
    ],
    settings: [[['servicesSettings', 'timers'], true]],
  },
  {
    id: 'accounts',
    entries: [
      entry('users', '/etc/passwd', keeping),
      entry('groups', '/etc/group', keeping),
      entry('passwords', '/etc/shadow*'),
      entry('group-passwords', '/etc/gshadow*', flat),
      entry('subordinate-ids', '/etc/sub?id', flat),
      entry('login-defaults', '/etc/login.defs'),
    ],
  },
  {
    id: 'units',
    entries: [
      entry('units-own', '/etc/systemd/system/*', { ...below, links: 'Manage' }),
      entry('units-packaged', '/usr/lib/systemd/system/*', { ...below, links: 'Manage' }),
      entry('systemd-settings', '/etc/systemd/*.conf', flat),
    ],
    settings: [[['servicesSettings', 'sockets'], true]],
  },
  {
    id: 'packages',
    entries: [
      entry('apt', '/etc/apt/*', { ...below, exclude: ['*.gpg~'] }),
      entry('yum', '/etc/yum.repos.d/*', { ...flat, ...keeping }),
      entry('dnf', '/etc/dnf/*', below),
      entry('zypper', '/etc/zypp/*', below),
      entry('apk', '/etc/apk/*', below),
      entry('pacman', '/etc/pacman.*', below),
    ],
  },
  {
    id: 'kernel',
    entries: [
      entry('modules', '/etc/modules', keeping),
      entry('modules-load', '/etc/modules-load.d/*', { ...flat, ...keeping }),
      entry('modprobe', '/etc/modprobe.d/*', { ...flat, ...keeping }),
      entry('sysctl', '/etc/sysctl.conf', keeping),
      entry('sysctl-parts', '/etc/sysctl.d/*', { ...flat, ...keeping }),
      entry('boot-loader', '/etc/default/grub*', below),
    ],
  },
  {
    id: 'network',
    entries: [
      entry('hosts', '/etc/hosts', keeping),
      entry('resolver', '/etc/resolv.conf', keeping),
      entry('name-switch', '/etc/nsswitch.conf', keeping),
      entry('interfaces', '/etc/network/*', below),
      entry('netplan', '/etc/netplan/*', flat),
      entry('networkd', '/etc/systemd/network/*', below),
      entry('network-manager', '/etc/NetworkManager/*', below),
      entry('nftables', '/etc/nftables*', below),
    ],
  },
  {
    id: 'trust',
    entries: [
      entry('trust-debian', '/usr/local/share/ca-certificates/*', below),
      entry('trust-red-hat', '/etc/pki/ca-trust/source/*', below),
      entry('trust-suse', '/etc/pki/trust/*', below),
    ],
  },
  {
    id: 'web',
    entries: [
      entry('nginx', '/etc/nginx/*', { ...below, ...keeping, exclude: ['*.key', '*.pem'] }),
      entry('apache-debian', '/etc/apache2/*', { ...below, ...keeping, exclude: ['*.key', '*.pem'] }),
      entry('apache-red-hat', '/etc/httpd/conf*/*', { ...below, ...keeping }),
      entry('caddy', '/etc/caddy/*', { ...below, ...keeping }),
      entry('haproxy', '/etc/haproxy/*', { ...below, ...keeping, exclude: ['*.key', '*.pem'] }),
    ],
  },
  {
    id: 'containers',
    entries: [
      entry('docker', '/etc/docker/*', below),
      entry('containerd', '/etc/containerd/*', below),
      entry('podman', '/etc/containers/*', below),
      entry('cri-o', '/etc/crio/*', below),
      entry('kubernetes', '/etc/kubernetes/*', { ...below, exclude: ['pki'] }),
      entry('container-networks', '/etc/cni/*', below),
    ],
  },
]

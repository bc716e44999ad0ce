// SQL expressions for what a fleet is made of. `m` is a machine's number, `p` a package's, `h` any hash; nothing here is
// random: the same numbers give the same words.

/** A number from 0 up to 1 out of a hash of these expressions. */
export function share(...of: readonly string[]): string {
  return `(sipHash64(${of.join(', ')}) / 18446744073709551616)`
}

/** One of these texts, the first ones far more often than the last (Zipf). */
export function oneOf(texts: readonly string[], ...of: readonly string[]): string {
  const list = texts.map(quoted).join(', ')
  return `[${list}][1 + toUInt32(floor(${texts.length} * pow(${share(...of)}, 2)))]`
}

/** A text in SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0').replaceAll('\n', '\\n')}'`
}

/** A UUID as text out of these expressions. */
export function uuid(...of: readonly string[]): string {
  return `toString(reinterpretAsUUID(sipHash128(${of.join(', ')})))`
}

/** 64 hex digits that are the same for the same expressions. */
export function checksum(...of: readonly string[]): string {
  const list = of.join(', ')
  return `lower(concat(hex(sipHash128(${list}, 'a')), hex(sipHash128(${list}, 'b'))))`
}

const ROLES = ['web', 'app', 'k8s', 'db', 'cache', 'queue', 'build', 'edge', 'mon', 'dns']
const PLACES = ['fra1', 'ams2', 'iad1', 'sin1', 'gru1']

/** The machine's name. */
export function computer(m: string): string {
  return `concat(${oneOf(ROLES, m, "'role'")}, '-', ${oneOf(PLACES, m, "'place'")}, '-', leftPad(toString(${m}), 6, '0'), '.fleet.example')`
}

/** The machine's own id. */
export function sourceComputerId(m: string): string {
  return uuid(m, "'source'")
}

/** The machine's ARM id. */
export function resourceId(m: string): string {
  return `concat('/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tidemark/providers/Microsoft.HybridCompute/machines/', ${computer(m)})`
}

const STEMS = [
  'ssl crypt zip curl xml json yaml sqlite pq event uring pcre glib gtk cairo pango png jpeg tiff webp avif ffi',
  'systemd udev dbus polkit apparmor audit pam krb5 ldap sasl gnutls nettle idn curses readline expat archive',
  'python perl ruby node go rust java llvm gcc binutils make cmake git vim nano tmux rsync openssh nginx haproxy',
  'postgresql redis kafka etcd consul vault docker containerd runc cni calico prometheus grafana telegraf fluent',
].flatMap((line) => line.split(' '))

/** A package's name. */
export function packageName(p: string): string {
  const stems = STEMS.map(quoted).join(', ')
  return `concat(['', 'lib', 'python3-', 'golang-', 'node-', 'gir1.2-'][1 + ${p} % 6], [${stems}][1 + ${p} % ${STEMS.length}], if(${p} < ${STEMS.length}, '', concat('-', ['core', 'dev', 'common', 'data', 'utils', 'plugins'][1 + intDiv(${p}, 7) % 6], toString(intDiv(${p}, ${STEMS.length})))))`
}

/** The number of a package's version on a machine on a day since 1970: releases spread over two weeks. */
export function versionNumber(at: { readonly m: string; readonly p: string; readonly day: string }): string {
  return `intDiv(${at.day} - toUInt32(floor(14 * pow(${share(at.m, at.p, "'lag'")}, 3))), 9 + ${at.p} % 60)`
}

/** A version as dpkg writes it. */
export function versionText({ p, v }: { readonly p: string; readonly v: string }): string {
  return `concat(toString(1 + ${p} % 9), '.', toString(${p} % 23), '.', toString(intDiv(${v}, 4)), '-', toString(1 + ${v} % 4), '+deb12u', toString(${v} % 7))`
}

/** Accounts of processes; most are root. */
export const ACCOUNTS = ['root', 'deploy', 'ansible', 'www-data', 'postgres', 'alice', 'bob', 'chen', 'dmitri', 'eve']
/** Who had logged in. */
export const LOGINS = ['', 'ansible', 'alice', 'bob', 'chen', 'dmitri', 'eve', 'svc-"quoted"', 'Ægir', 'o’neil']
/** Programs that change files by themselves. */
export const PROGRAMS = ['/usr/bin/vim.basic', '/usr/bin/sed', '/usr/bin/python3.11', '/usr/bin/rsync', '/usr/bin/tee']
/** Daemons that every machine has. */
export const DAEMONS = [
  'ssh cron systemd-journald systemd-udevd systemd-logind systemd-resolved systemd-timesyncd dbus rsyslog unattended-upgrades',
  'nginx haproxy postgresql redis-server docker containerd kubelet etcd prometheus node_exporter telegraf fluent-bit',
  'auditd chrony cups exim4 fail2ban haveged irqbalance iscsid lvm2-monitor mdadm multipathd networking nfs-server',
  'openvpn polkit qemu-guest-agent rpcbind smartd snapd sssd tuned udisks2 ufw virtlogd walinuxagent wpa_supplicant',
  'zabbix-agent zfs-zed acpid anacron apparmor apt-daily atd avahi-daemon bluetooth colord',
].flatMap((line) => line.split(' '))

/** Names that break what is careless with them. */
export const HOSTILE = [
  '/srv/<script>alert(1)</script>.html',
  "/srv/'; DROP TABLE ConfigurationChange; --",
  '/srv/two\nlines\t"quoted" \\ back',
  '/srv/\u202Egnp.exe',
  '/srv/🙂/e\u0301/ｆｕｌｌ',
  `/srv/${'long-'.repeat(700)}end`,
  '/srv/{{7*7}} ${HOME} %s %00',
  '/srv/=cmd|calc!A1',
]

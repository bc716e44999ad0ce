/** What a file system is to a scan: the kernel's own, one behind a network, or any other. */
export type FileSystemKind = 'kernel' | 'network' | 'local'

/** Types of file systems by device, `major:minor`. */
export type Mounts = ReadonlyMap<string, string>

/**
 * Types of mounted file systems by their devices, from the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). Lines that
 * are none are passed over. A device without a line (btrfs gives its subvolumes some) is not in it.
 *
 *     36 35 98:0 /root /mount rw,noatime master:1 - ext3 /dev/root rw
 */
export function parseMountInfo(text: string): Mounts {
  const mounts = new Map<string, string>()
  for (const line of text.split('\n')) {
    const fields = line.split(' ')
    const device = fields[2]
    const type = fields[fields.indexOf('-', 6) + 1]
    if (device !== undefined && type !== undefined && /^\d+:\d+$/.test(device) && fields.includes('-', 6))
      mounts.set(device, type)
  }
  return mounts
}

const KERNEL = wordsOf(`
  proc sysfs cgroup cgroup2 debugfs tracefs securityfs configfs devpts pstore bpf efivarfs mqueue autofs binfmt_misc
  fusectl nsfs rpc_pipefs selinuxfs smackfs
`)

const NETWORK = wordsOf(`
  nfs nfs4 cifs smb3 smbfs 9p afs ceph lustre coda glusterfs orangefs gpfs fuse.sshfs fuse.s3fs fuse.rclone
  fuse.glusterfs fuse.ceph-fuse fuse.davfs fuse.gcsfuse
`)

/** What a type of file system is to a scan. */
export function fileSystemKind(type: string): FileSystemKind {
  if (KERNEL.has(type)) return 'kernel'
  return NETWORK.has(type) ? 'network' : 'local'
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}

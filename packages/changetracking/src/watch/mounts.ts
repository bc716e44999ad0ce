import type { PathBytes } from '../files/file-name.ts'
import { isWithin } from '../files/path-parts.ts'

/** One mount (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly id: number
  /** `major:minor` of the filesystem. */
  readonly device: string
  /** The folder of the filesystem that is mounted. */
  readonly root: PathBytes
  readonly mountPoint: PathBytes
  readonly type: string
}

/**
 * Reads /proc/self/mountinfo (latin1 text); a line that is none is left out. Of mounts on one another only the upper one is
 * reached, and told.
 *
 *     36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/sda1 rw
 */
export function parseMounts(text: string): Mount[] {
  const mounts = new Map<PathBytes, Mount>()
  for (const line of text.split('\n')) {
    const [front = '', back = ''] = line.split(' - ')
    const [id, , device, root, mountPoint] = front.split(' ')
    const type = back.split(' ')[0]
    if (!id || !device || !root?.startsWith('/') || !mountPoint?.startsWith('/') || !type) continue
    const mount = { id: Number(id), device, root: unescaped(root), mountPoint: unescaped(mountPoint), type }
    mounts.delete(mount.mountPoint)
    mounts.set(mount.mountPoint, mount)
  }
  return [...mounts.values()]
}

/** Blanks and the like are written as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** The mount that a path lies on. */
export function mountOf(mounts: readonly Mount[], path: PathBytes): Mount | undefined {
  let found: Mount | undefined
  for (const mount of mounts)
    if (isWithin(path, mount.mountPoint) && mount.mountPoint.length >= (found?.mountPoint.length ?? 0)) found = mount
  return found
}

/** What is in one list of mounts and not in the other. */
export function mountsThatDiffer(
  before: readonly Mount[],
  now: readonly Mount[],
): { readonly added: readonly Mount[]; readonly removed: readonly Mount[] } {
  const key = ({ id, device, mountPoint }: Mount): string => `${id} ${device} ${mountPoint}`
  const [keysBefore, keysNow] = [new Set(before.map(key)), new Set(now.map(key))]
  return {
    added: now.filter((mount) => !keysBefore.has(key(mount))),
    removed: before.filter((mount) => !keysNow.has(key(mount))),
  }
}

const NO_FILES = new Set(
  (
    'autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts efivarfs fusectl hugetlbfs mqueue nsfs proc pstore ' +
    'rpc_pipefs securityfs selinuxfs sysfs tracefs'
  ).split(' '),
)
const ELSEWHERE = /^(?:nfs4?|cifs|smb3|smbfs|ceph|9p|afs|glusterfs|lustre|gfs2|ocfs2|fuse(?:\..*)?|virtiofs|davfs)$/

/** Filesystems that hold no files of anybody's, only the kernel's words. */
export function isKernelsOwn({ type }: Mount): boolean {
  return NO_FILES.has(type)
}

/** Filesystems that other machines (or a program) may change, of which the kernel here hears nothing. */
export function isChangedElsewhere({ type }: Mount): boolean {
  return ELSEWHERE.test(type)
}

/**
 * The paths under which a folder of a filesystem is reached: `inside` is its path from the filesystem's own top, `mounts`
 * are those of this filesystem.
 */
export function visiblePaths(mounts: readonly Mount[], inside: PathBytes): PathBytes[] {
  const paths = mounts.flatMap(({ root, mountPoint }) => {
    if (!isWithin(inside, root)) return []
    const rest = root === '/' ? inside : inside.slice(root.length)
    if (rest === '' || rest === '/') return [mountPoint]
    return [mountPoint === '/' ? rest : `${mountPoint}${rest}`]
  })
  return [...new Set(paths)]
}

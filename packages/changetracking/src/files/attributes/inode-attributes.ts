// STATX_ATTR_… of <linux/stat.h>, which statx(2) explains. Left out: STATX_ATTR_MOUNT_ROOT (0x2000) tells of what is mounted,
// STATX_ATTR_WRITE_ATOMIC (0x400000) of what the device can do; neither is set on a file.
const STATX_ATTRIBUTES: readonly (readonly [number, string])[] = [
  [0x4, 'compressed'],
  [0x10, 'immutable'],
  [0x20, 'append'],
  [0x40, 'nodump'],
  [0x800, 'encrypted'],
  [0x1000, 'automount'],
  [0x100000, 'verity'],
  [0x200000, 'dax'],
]

// FS_…_FL of <linux/fs.h>, which ioctl_iflags(2) and chattr(1) explain. Left out is what a file system notes for itself (an
// indexed folder, extents, inline data, a huge file…): it changes as files grow, without anybody setting it.
const INODE_FLAGS: readonly (readonly [number, string])[] = [
  [0x1, 'secure-delete'],
  [0x2, 'undelete'],
  [0x4, 'compressed'],
  [0x8, 'sync'],
  [0x10, 'immutable'],
  [0x20, 'append'],
  [0x40, 'nodump'],
  [0x80, 'noatime'],
  [0x400, 'nocompress'],
  [0x800, 'encrypted'],
  [0x4000, 'journal-data'],
  [0x8000, 'notail'],
  [0x10000, 'dirsync'],
  [0x20000, 'topdir'],
  [0x100000, 'verity'],
  [0x800000, 'nocow'],
  [0x2000000, 'dax'],
  [0x20000000, 'project-inherit'],
  [0x40000000, 'casefold'],
]

/**
 * The attributes of a file in words, sorted and joined by `, `; empty where none is set. `statxAttributes` is
 * `stx_attributes` of statx(2), or its lower 32 bits as a number; `inodeFlags`, where they were asked for, is what FS_IOC_GETFLAGS gave. Bits without a
 * word are left out, so that a new kernel which tells more is not a change of every file.
 */
export function attributesText(statxAttributes: bigint | number, inodeFlags = 0): string {
  // No word has a bit above 31.
  const attributes = typeof statxAttributes === 'number' ? statxAttributes : Number(BigInt.asUintN(32, statxAttributes))
  if (attributes === 0 && inodeFlags === 0) return ''
  const words = new Set([...wordsOf(STATX_ATTRIBUTES, attributes), ...wordsOf(INODE_FLAGS, inodeFlags)])
  return [...words].toSorted().join(', ')
}

function wordsOf(table: readonly (readonly [number, string])[], bits: number): string[] {
  return table.flatMap(([bit, word]) => ((bits & bit) === 0 ? [] : [word]))
}

import { expect } from 'vitest'

/** Everything that the journey does is below this folder, each act in a folder of its own. */
export const TRACKED = '/srv/tracked'
/** On the same disk, and nobody asks for it. */
export const OUTSIDE = '/srv/outside'

/** Something that people and programs do to files, and the rows that must come of it, no more and no less. */
export interface Act {
  readonly name: string
  /** Run before anything is tracked. `$D` is the act's folder, `$O` one outside. */
  readonly before?: string
  /** The act itself. */
  readonly script: string
  /** Who runs it: root without a login, or alice, who logged in. */
  readonly by?: 'root' | 'alice'
  /**
   * Its steps may be seen one by one, or together where they are quick: then only that the last of `rows` is told, whatever
   * fields it names, and that nothing else is told but of the program's own passing files.
   */
  readonly passing?: RegExp
  /** In the order of their paths (below `$D`), and of their time where there are several of one. */
  readonly rows: readonly ExpectedRow[]
}

/** Columns of a row; `$D` in a text stands for the act's folder. */
export type ExpectedRow = Readonly<Record<string, unknown>> & { readonly path: string }

const added = { ChangeCategory: 'Added' }
const removed = { ChangeCategory: 'Removed' }
const modified = { ChangeCategory: 'Modified' }
const WRITTEN = 'FileContentChecksum, Size, DateModified, DateChanged'

/** The program behind a row, and its words. */
function by(InitiatingProcessFolderPath: string, InitiatingProcessCommandLine: unknown) {
  return { InitiatingProcessFolderPath, InitiatingProcessCommandLine }
}

/** How files are edited. */
const edits: readonly Act[] = [
  {
    name: 'sed -i writes another file and renames it: one change',
    before: 'echo one > $D/f',
    script: 'sed -i s/one/two/ $D/f',
    rows: [
      {
        path: 'f',
        ...modified,
        FieldsChanged: 'FileContentChecksum, DateModified, DateChanged, DateCreated, Inode',
        ...by('/usr/bin/sed', 'sed -i s/one/two/ $D/f'),
        InitiatingProcessAccountName: 'root',
      },
    ],
  },
  {
    name: 'an atomic save: another file, renamed over it',
    before: 'echo one > $D/f; chmod 640 $D/f',
    script: 'echo other > $D/f.new; mv $D/f.new $D/f',
    rows: [
      {
        path: 'f',
        ...modified,
        FieldsChanged: 'FileContentChecksum, Size, DateModified, DateChanged, DateCreated, FileMode, Inode',
        PreviousFileMode: '0640',
        FileMode: '0644',
        ...by('/usr/bin/mv', 'mv $D/f.new $D/f'),
      },
    ],
  },
  {
    name: 'vim, whose swap file is gone before anybody looks',
    passing: /^(\.f\.sw[px]|f~|\d+|f)$/,
    before: 'echo one > $D/f',
    script: 'vim.tiny -u NONE -es -c "set swapfile" -c "%s/one/other/" -c wq $D/f </dev/null',
    rows: [
      {
        path: 'f',
        ...modified,
        FieldsChanged: WRITTEN,
        ...by('/usr/bin/vim.tiny', expect.stringContaining("-c 'set swapfile'")),
      },
    ],
  },
  {
    name: 'vim, whose swap file stays while somebody thinks',
    passing: /^(\.f\.sw[px]|f~|\d+|f)$/,
    before: 'echo one > $D/f',
    script: 'vim.tiny -u NONE -es -c "set swapfile" -c "sleep 700m" -c "%s/one/other/" -c wq $D/f </dev/null',
    rows: [
      { path: '.f.swp', ...added },
      { path: '.f.swp', ...removed },
      { path: 'f', ...modified, FieldsChanged: WRITTEN },
    ],
  },
  {
    name: 'ed, which writes in place',
    before: 'echo one > $D/f',
    script: 'printf "s/one/other/\\nw\\nq\\n" | ed -s $D/f',
    rows: [{ path: 'f', ...modified, FieldsChanged: WRITTEN, ...by('/usr/bin/ed', 'ed -s $D/f') }],
  },
  {
    name: 'short-lived programs, one after the other',
    script: 'for i in 1 2 3 4 5 6 7 8; do touch $D/$i; done',
    rows: [1, 2, 3, 4, 5, 6, 7, 8].map((each) => ({
      path: String(each),
      ...added,
      InitiatingProcessFolderPath: '/usr/bin/touch',
      InitiatingProcessCertainty: expect.stringMatching(/captured|inferred/),
    })),
  },
]

/** What is told of a file beside its content. */
const properties: readonly Act[] = [
  {
    name: 'touch -d, back in time',
    before: 'echo one > $D/f',
    script: 'touch -d "2001-02-03 04:05:06 UTC" $D/f',
    rows: [
      {
        path: 'f',
        ...modified,
        FieldsChanged: 'DateModified, DateChanged',
        DateModified: expect.stringContaining('2001-02-03T04:05:06'),
        ...by('/usr/bin/touch', "touch -d '2001-02-03 04:05:06 UTC' $D/f"),
      },
    ],
  },
  {
    name: 'chmod and chown',
    before: 'touch $D/mode $D/owner',
    script: 'chmod 4755 $D/mode; chown alice:bob $D/owner',
    rows: [
      {
        path: 'mode',
        ...modified,
        FieldsChanged: 'DateChanged, FileMode',
        PreviousFileMode: '0644',
        FileMode: '4755',
        ...by('/usr/bin/chmod', 'chmod 4755 $D/mode'),
      },
      {
        path: 'owner',
        ...modified,
        FieldsChanged: 'DateChanged, FileOwner, FileGroup, FileOwnerId, FileGroupId',
        PreviousFileOwner: 'root',
        FileOwner: 'alice',
        FileGroup: 'bob',
        ...by('/usr/bin/chown', 'chown alice:bob $D/owner'),
      },
    ],
  },
  {
    name: 'setfacl and setfattr',
    before: 'touch $D/acl $D/xattr',
    script: 'setfacl -m u:alice:r $D/acl; setfattr -n user.note -v seen $D/xattr',
    rows: [
      {
        path: 'acl',
        ...modified,
        FieldsChanged: 'DateChanged, Acls',
        Acls: expect.stringContaining('user:alice:r--'),
        ...by('/usr/bin/setfacl', 'setfacl -m u:alice:r $D/acl'),
      },
      {
        path: 'xattr',
        ...modified,
        FieldsChanged: 'DateChanged, Xattrs',
        Xattrs: expect.stringContaining('seen'),
        ...by('/usr/bin/setfattr', 'setfattr -n user.note -v seen $D/xattr'),
      },
    ],
  },
  {
    name: 'chattr and the first name of a hard link, of which the kernel tells nothing: the next scan finds them',
    before: 'touch $D/attributes; echo one > $D/name',
    script: 'chattr +i $D/attributes; ln $D/name $D/second',
    rows: [
      {
        path: 'attributes',
        ...modified,
        FieldsChanged: 'DateChanged, Attributes',
        DetectedBy: 'scan',
        InitiatingProcessCertainty: 'unknown',
        InitiatingProcessNote: expect.stringContaining('chattr'),
      },
      { path: 'name', ...modified, FieldsChanged: 'DateChanged, Links', Links: 2, DetectedBy: 'scan' },
      { path: 'second', ...added, Links: 2, ...by('/usr/bin/ln', 'ln $D/name $D/second') },
    ],
  },
]

/** Names that come, go and change. */
const moves: readonly Act[] = [
  {
    name: 'mv within the tree is a rename, out of it a removal, into it an addition',
    before: 'mkdir $D/sub; echo a > $D/a; echo b > $D/b; echo in > $O/in',
    script: 'mv $D/a $D/sub/renamed; mv $D/b $O/; mv $O/in $D/in',
    rows: [
      { path: 'b', ...removed, ...by('/usr/bin/mv', 'mv $D/b $O/') },
      { path: 'in', ...added, ...by('/usr/bin/mv', 'mv $O/in $D/in') },
      {
        path: 'sub/renamed',
        ...modified,
        FieldsChanged: 'FileSystemPath, Name, DateChanged',
        PreviousFileSystemPath: '$D/a',
        ...by('/usr/bin/mv', 'mv $D/a $D/sub/renamed'),
      },
    ],
  },
  {
    name: 'cp -p brings an old time with it',
    before: 'echo one > $D/old; touch -d "2001-01-01 UTC" $D/old',
    script: 'cp -p $D/old $D/new',
    rows: [
      {
        path: 'new',
        ...added,
        DateModified: expect.stringContaining('2001-01-01T00:00:00'),
        ...by('/usr/bin/cp', 'cp -p $D/old $D/new'),
      },
    ],
  },
  {
    name: 'folders that come, go, are renamed or removed, with all that is in them',
    before:
      'for d in out gone named; do mkdir -p $D/$d/s; echo $d > $D/$d/a; echo $d$d > $D/$d/s/b; done; mkdir -p $O/come/s; echo 1 > $O/come/a; echo 2 > $O/come/s/b',
    script: 'mv $D/out $O/; rm -r $D/gone; mv $O/come $D/come; mv $D/named $D/other',
    rows: [
      ...['come/a', 'come/s/b'].map((path) => ({ path, ...added, ...by('/usr/bin/mv', 'mv $O/come $D/come') })),
      ...['gone/a', 'gone/s/b'].map((path) => ({ path, ...removed, ...by('/usr/bin/rm', 'rm -r $D/gone') })),
      ...['a', 's/b'].map((name) => ({
        path: `other/${name}`,
        ...modified,
        FieldsChanged: 'FileSystemPath',
        PreviousFileSystemPath: `$D/named/${name}`,
        ...by('/usr/bin/mv', 'mv $D/named $D/other'),
      })),
      ...['out/a', 'out/s/b'].map((path) => ({ path, ...removed, ...by('/usr/bin/mv', 'mv $D/out $O/') })),
    ],
  },
  {
    name: 'a file in a folder that is as new as itself',
    script: 'mkdir -p $D/1/2/3; cp /etc/hostname $D/1/2/3/f',
    rows: [{ path: '1/2/3/f', ...added, ...by('/usr/bin/cp', 'cp /etc/hostname $D/1/2/3/f') }],
  },
  {
    name: 'a symbolic link that leads elsewhere',
    before: 'ln -s one $D/l',
    script: 'ln -sfn other $D/l',
    rows: [
      {
        path: 'l',
        ...modified,
        FieldsChanged: expect.stringMatching(/^Size, DateModified, DateChanged, DateCreated, LinkTarget/),
        PreviousLinkTarget: 'one',
        LinkTarget: 'other',
        ...by('/usr/bin/ln', 'ln -sfn other $D/l'),
      },
    ],
  },
]

export const fileActs: readonly Act[] = [...edits, ...properties, ...moves]

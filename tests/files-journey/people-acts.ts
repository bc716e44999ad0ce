import { expect } from 'vitest'

import type { Act } from './acts.ts'

const added = { ChangeCategory: 'Added' }
const modified = { ChangeCategory: 'Modified' }
const removed = { ChangeCategory: 'Removed' }
/** What all rows of a login of alice have. */
const ALICE = {
  InitiatingProcessLoginName: 'alice',
  InitiatingProcessSessionId: expect.stringMatching(/^\d+$/),
  InitiatingProcessUnit: expect.stringMatching(/^session-\w+\.scope$/),
  InitiatingProcessCertainty: 'captured',
}
const CONTAINER = '7'.repeat(64)
const tree = (...parts: readonly RegExp[]) =>
  expect.stringMatching(new RegExp(parts.map(({ source }) => source).join('.*')))

/** What people do, through sudo and in their own name. */
const people: readonly Act[] = [
  {
    name: 'sudo tee, sudo sed -i, sudo -u bob, and no sudo, by alice who logged in',
    before: 'chown alice $D; for f in tee sed bob own; do echo one > $D/$f; done; chown alice $D/own; chmod 666 $D/bob',
    script:
      'echo two | sudo tee $D/tee > /dev/null; sudo sed -i s/one/two/ $D/sed; sudo -u bob sh -c "echo c >> $D/bob"; echo x >> $D/own',
    by: 'alice',
    rows: [
      {
        path: 'bob',
        ...modified,
        InitiatingProcessCommandLine: "sh -c 'echo c >> $D/bob'",
        InitiatingProcessAccountName: 'bob',
        ...ALICE,
      },
      { path: 'own', ...modified, InitiatingProcessAccountName: 'alice', ...ALICE },
      {
        path: 'sed',
        ...modified,
        InitiatingProcessFolderPath: '/usr/bin/sed',
        InitiatingProcessCommandLine: 'sed -i s/one/two/ $D/sed',
        InitiatingProcessAccountName: 'root',
        ...ALICE,
      },
      {
        path: 'tee',
        ...modified,
        InitiatingProcessFolderPath: '/usr/bin/tee',
        InitiatingProcessCommandLine: 'tee $D/tee',
        InitiatingProcessAccountName: 'root',
        InitiatingProcessTree: tree(/"exe":"\/usr\/bin\/sudo"/, /"account":"alice"/, /systemd/),
        ...ALICE,
      },
    ],
  },
]

/** What programs do that nobody starts by hand. */
const programs: readonly Act[] = [
  {
    name: 'a unit that writes',
    script: 'systemd-run --quiet --wait --unit=tidemark-writer sh -c "echo x > $D/f"',
    rows: [
      {
        path: 'f',
        ...added,
        InitiatingProcessUnit: 'tidemark-writer.service',
        InitiatingProcessAccountName: 'root',
        InitiatingProcessCertainty: 'captured',
      },
    ],
  },
  {
    name: 'logrotate, which renames and creates',
    before: 'echo line > $D/app.log; printf "$D/app.log { rotate 2\\n create 0640 root root\\n }\\n" > $O/rotate.conf',
    script: 'logrotate -f -s $O/rotate.state $O/rotate.conf',
    rows: [
      {
        path: 'app.log',
        ...modified,
        PreviousFileMode: '0644',
        FileMode: '0640',
        Size: 0,
        InitiatingProcessFolderPath: '/usr/sbin/logrotate',
      },
      { path: 'app.log.1', ...added, Size: 5, InitiatingProcessFolderPath: '/usr/sbin/logrotate' },
    ],
  },
  {
    name: 'git checkout of another branch',
    before: [
      'cd $D; git init -q .; git config user.email a@example.org; git config user.name a',
      'for i in $(seq 10 39); do echo $i > f$i; done; git add .; git commit -qm one; git checkout -q -b other',
      'for i in $(seq 10 29); do echo other > f$i; done; rm f30 f31; echo new > new; git add -A; git commit -qm two',
      'git checkout -q master',
    ].join('; '),
    script: 'git -C $D checkout -q other',
    rows: [
      ...Array.from({ length: 22 }, (_, index) => ({
        path: `f${index + 10}`,
        ...(index < 20 ? modified : removed),
        InitiatingProcessCommandLine: 'git -C $D checkout -q other',
      })),
      { path: 'new', ...added, InitiatingProcessCommandLine: 'git -C $D checkout -q other' },
    ],
  },
]

/** Processes that see other paths, or other process numbers, than the machine. */
const namespaces: readonly Act[] = [
  {
    name: 'a process with its own mount and process namespaces',
    script: 'unshare -mpf --mount-proc sh -c "mount --bind $D /mnt; touch /mnt/f; true"',
    rows: [
      {
        path: 'f',
        ...added,
        InitiatingProcessCommandLine: 'touch /mnt/f',
        InitiatingProcessTree: tree(/unshare -mpf/),
        InitiatingProcessCertainty: 'captured',
      },
    ],
  },
  {
    name: 'a container of systemd-nspawn',
    script:
      'systemd-run --quiet --scope --unit=machine-box systemd-nspawn -q -D /srv/box --register=no --keep-unit --bind=$D:/data /bin/busybox sh -c "echo x > /data/f; true"',
    rows: [
      {
        path: 'f',
        ...added,
        InitiatingProcessFolderPath: expect.stringMatching(/\/bin\/busybox$/),
        InitiatingProcessContainerId: 'box',
        InitiatingProcessCertainty: 'captured',
      },
    ],
  },
  {
    name: 'a control group as Docker names its own',
    script: `systemd-run --quiet --scope --unit=docker-${CONTAINER} unshare -mpf sh -c "mount --bind $D /srv/box/tmp; chroot /srv/box /bin/busybox sh -c 'echo x > /tmp/f; true'"`,
    rows: [
      {
        path: 'f',
        ...added,
        InitiatingProcessContainerId: CONTAINER,
        InitiatingProcessCertainty: expect.stringMatching(/captured|inferred/),
      },
    ],
  },
]

export const peopleActs: readonly Act[] = [...people, ...programs, ...namespaces]

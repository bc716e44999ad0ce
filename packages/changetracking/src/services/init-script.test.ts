import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { openTree } from '../host/tree.ts'
import { collectServicesIn } from './collect-in.ts'
import { collectInit, initOf } from './init-kind.ts'
import { parseInitScript } from './init-script.ts'

// Heads of scripts as Debian 12 (cron, dbus, procps), OpenRC 0.45 (agetty, savecache) and Red Hat (crond, chkconfig) ship them.
const CRON = `#!/bin/sh
# Start/stop the cron daemon.
#
### BEGIN INIT INFO
# Provides:          cron
# Required-Start:    $remote_fs $syslog $time
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: Regular background program processing daemon
# Description:       cron is a standard UNIX program that runs user-specified
#                    programs at periodic scheduled times. vixie cron adds a
### END INIT INFO

DESC="cron daemon"
NAME=cron
DAEMON=/usr/sbin/cron
PIDFILE=/var/run/crond.pid
SCRIPTNAME=/etc/init.d/"$NAME"
`
const DBUS = `#!/bin/sh
### BEGIN INIT INFO
# Provides:          dbus
# Default-Start:     2 3 4 5
# Short-Description: D-Bus systemwide message bus
### END INIT INFO
DAEMON=/usr/bin/dbus-daemon
PIDDIR=/var/run/dbus
PIDFILE=$PIDDIR/pid
`
const PROCPS = `#! /bin/sh
### BEGIN INIT INFO
# Provides:          procps
# Default-Start:     S
# Short-Description: Configure kernel parameters at boottime
### END INIT INFO
DESC="Setting kernel variables"
`
const AGETTY = `#!/sbin/openrc-run
description="start agetty on a terminal line"
supervisor=supervise-daemon
port="\${RC_SVCNAME#*.}"
respawn_period="\${respawn_period:-60}"
command=/sbin/agetty
pidfile="/run/\${RC_SVCNAME}.pid"
`
const CROND = `#!/bin/bash
# crond          Start/Stop the cron clock daemon.
#
# chkconfig: 2345 90 60
# description: cron is a standard UNIX program that runs user-specified \\
#              programs at periodic scheduled times.
# processname: /usr/sbin/crond
# config: /etc/crontab
# pidfile: /var/run/crond.pid
`

test.each([
  {
    name: 'cron',
    text: CRON,
    description: 'Regular background program processing daemon',
    pidFile: '/var/run/crond.pid',
    daemon: '/usr/sbin/cron',
  },
  {
    name: 'dbus',
    text: DBUS,
    description: 'D-Bus systemwide message bus',
    pidFile: '/var/run/dbus/pid',
    daemon: '/usr/bin/dbus-daemon',
  },
  {
    name: 'procps',
    text: PROCPS,
    description: 'Configure kernel parameters at boottime',
    pidFile: undefined,
    daemon: undefined,
  },
  {
    name: 'agetty.tty1',
    text: AGETTY,
    description: 'start agetty on a terminal line',
    pidFile: '/run/agetty.tty1.pid',
    daemon: '/sbin/agetty',
  },
  {
    name: 'crond',
    text: CROND,
    description: 'cron is a standard UNIX program that runs user-specified programs at periodic scheduled times.',
    pidFile: '/var/run/crond.pid',
    daemon: '/usr/sbin/crond',
  },
])('the script of $name tells what it starts', ({ name, text, ...facts }) => {
  expect(parseInitScript(text, name)).toEqual(facts)
})

test('no text makes it throw or take long, and no unknown name becomes a path', () => {
  const piece = fc.constantFrom(
    '### BEGIN INIT INFO\n',
    '# Description: ',
    'PIDFILE=',
    '$X',
    '${',
    '}',
    '\\',
    '\n',
    '"',
    '/a',
    '# ',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((all) => all.join('')),
      ),
      (text) => void parseInitScript(text, 'x'),
    ),
  )
  expect(parseInitScript('PIDFILE=/run/$UNKNOWN/pid\n', 'x').pidFile).toBeUndefined()
  expect(parseInitScript('D=/run\nPIDFILE=${D:-/x}/${N:-n}.pid\nPIDFILE=/other\n', 'x').pidFile).toBe('/run/n.pid')
})

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-init-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(root, path))
    else writeFileSync(join(root, path), text)
    if (text.startsWith('#!')) chmodSync(join(root, path), 0o755)
  }
}

const shown = (items: ReadonlyMap<string, { readonly columns: Readonly<Record<string, unknown>> }>) =>
  Object.fromEntries(
    [...items].map(([name, { columns }]) => [
      name,
      [
        columns['SvcState'],
        columns['SvcStartupType'],
        columns['SvcRunlevels'],
        columns['SvcMainProcessId'] ?? '-',
      ].join('|'),
    ]),
  )

describe('OpenRC', () => {
  const scripts = {
    'run/openrc/softlevel': 'default\n',
    'etc/init.d/agetty': AGETTY,
    'etc/init.d/agetty.tty1': '-> agetty',
    'etc/init.d/crond': AGETTY.replace('agetty', 'cron'),
    'etc/init.d/sshd': AGETTY,
    'etc/init.d/cron': CRON,
    'etc/init.d/functions.sh': '#!/bin/sh\n# sourced by others\n',
    'etc/init.d/README': 'no script',
    'etc/runlevels/default/crond': '-> /etc/init.d/crond',
    'etc/runlevels/default/sshd': '-> /etc/init.d/sshd',
    'etc/runlevels/boot/sshd': '-> /etc/init.d/sshd',
    'run/openrc/started/crond': '-> /etc/init.d/crond',
    'run/openrc/started/sshd': '-> /etc/init.d/sshd',
    'run/openrc/failed/agetty.tty1': '-> /etc/init.d/agetty.tty1',
    'run/openrc/daemons/crond/001': 'exec=/usr/sbin/crond\npidfile=/run/crond.pid\n',
    'run/openrc/daemons/sshd/001': 'exec=/usr/sbin/sshd\npidfile=/run/sshd.pid\n',
    'run/crond.pid': '12\n',
    'run/sshd.pid': '13\n',
    'proc/12/comm': 'crond\n',
  }

  test('each script is a service, with its runlevels and the state that OpenRC keeps', () => {
    put(scripts)
    const tree = openTree(root)
    expect(initOf(tree)).toBe('openrc')
    const { items, gaps } = collectInit(tree, 'openrc')
    expect(gaps).toEqual([])
    expect(shown(items)).toEqual({
      agetty: 'Stopped|Disabled||-',
      'agetty.tty1': 'Failed|Disabled||-',
      crond: 'Running|Enabled|default|12',
      sshd: 'Crashed|Enabled|boot default|0',
      cron: 'Stopped|Disabled||-',
    })
    expect(items.get('crond')?.columns).toMatchObject({ SvcController: 'openrc', SvcPath: '/etc/init.d/crond' })
  })

  test('of a tree in which nothing runs no state is told', async () => {
    put(scripts)
    const { items } = await collectServicesIn(root)
    expect(shown(items)['crond']).toBe('|Enabled|default|-')
  })
})

describe('SysV', () => {
  const scripts = {
    'proc/1/comm': 'init\n',
    'etc/inittab': 'id:2:initdefault:\n',
    'etc/init.d/cron': CRON,
    'etc/init.d/dbus': DBUS,
    'etc/init.d/procps': PROCPS,
    'etc/init.d/README': 'no script',
    'etc/init.d/skeleton': '#!/bin/sh\n',
    'etc/rc2.d/S01cron': '-> ../init.d/cron',
    'etc/rc3.d/S01cron': '-> ../init.d/cron',
    'etc/rc0.d/K01dbus': '-> ../init.d/dbus',
    'etc/rcS.d/S01procps': '-> ../init.d/procps',
    'var/run': '-> ../run',
    'run/crond.pid': '77',
    'proc/77/comm': 'cron\n',
  }

  test('each script is a service, with the runlevels that start it and whether its process lives', () => {
    put(scripts)
    const tree = openTree(root)
    expect(initOf(tree)).toBe('sysv')
    expect(shown(collectInit(tree, 'sysv').items)).toEqual({
      cron: 'Running|Enabled|2 3|77',
      dbus: 'Stopped|Disabled||0',
      procps: '|Enabled|S|-',
    })
    put({ 'proc/80/exe': '-> /usr/bin/dbus-daemon', 'usr/bin/dbus-daemon': '' })
    expect(shown(collectInit(openTree(root), 'sysv').items)['dbus']).toBe('Running|Disabled||80')
  })

  test('of a tree in which nothing runs no state is told', async () => {
    put(scripts)
    expect(shown((await collectServicesIn(root)).items)).toMatchObject({ cron: '|Enabled|2 3|-' })
  })
})

describe('other trees', () => {
  test('units and their links are read within the tree, whatever leads out of it', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'tidemark-outside-'))
    writeFileSync(join(outside, 'x.service'), '[Service]\nExecStart=/outside\n')
    put({
      'usr/lib/systemd/system/a.service':
        '[Unit]\nDescription=A of %n\n[Service]\nExecStart=-/bin/a --password secret\nUser=www\n[Install]\nWantedBy=multi-user.target\n',
      'usr/lib/systemd/system/a@.service': '[Service]\n',
      'usr/lib/systemd/system/a.timer': '[Timer]\n',
      'etc/systemd/system/multi-user.target.wants/a.service': '-> /usr/lib/systemd/system/a.service',
      'etc/systemd/system/b.service': '-> a.service',
      'etc/systemd/system/m.service': '-> /dev/null',
      'etc/systemd/system/x.service': `-> ${outside}/x.service`,
      'etc/systemd/system/a.service.d/9.conf': '[Service]\nExecStart=\nExecStart=/bin/other\n',
    })
    const { items, isComplete } = await collectServicesIn(root)
    rmSync(outside, { recursive: true })
    expect([isComplete, [...items.keys()].sort()]).toEqual([true, ['a', 'm', 'x']])
    expect(items.get('a')?.columns).toEqual({
      SvcName: 'a',
      SvcDisplayName: 'A of a.service',
      SvcDescription: 'A of a.service',
      SvcState: '',
      SvcStartupType: 'Enabled',
      SvcRunlevels: 'multi-user.target',
      SvcPath: '/usr/lib/systemd/system/a.service',
      SvcController: 'systemd',
      SvcUnitType: 'service',
      SvcDropIns: '["/etc/systemd/system/a.service.d/9.conf"]',
      SvcExecStart: '/bin/other',
      SvcAccount: 'www',
    })
    expect(items.get('m')?.columns.SvcStartupType).toBe('Masked')
    expect(items.get('x')?.columns).toMatchObject({ SvcStartupType: 'Bad', SvcExecStart: '' })
    expect([...(await collectServicesIn(root, { timers: true })).items.keys()]).toContain('a.timer')
  })

  test('a tree without any of them is not complete, and says so', async () => {
    const { isComplete, gaps } = await collectServicesIn(root)
    expect([isComplete, gaps.map(({ reason }) => reason)]).toEqual([false, ['source-missing']])
  })
})

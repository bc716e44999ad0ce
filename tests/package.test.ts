import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { clone, PackageServer } from 'tidemark/testing'

import { BootedMachine, whyNoMachine } from './machine/booted-machine.ts'
import { buildPackage } from './package/built-package.ts'

// Goal: the package does on a real machine what an administrator expects of any daemon's. Method: a booted Debian installs,
// upgrades, downgrades, removes and purges it, while files change that a rule tracks; a server outside counts the rows.

const missing = whyNoMachine()
const FILES = '/srv/tracked'
const UNITS = ['tidemark-agent', 'tidemark-changetracking'] as const
/** Exposure by systemd-analyze: what the issue asks of the agent, and what is left to a program that reads everything. */
const EXPOSURE_MAX = { 'tidemark-agent': 2, 'tidemark-changetracking': 3.5 } as const

describe.skipIf(missing)(`the package on a Debian machine${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let folder = ''
  let machine: BootedMachine
  let server: PackageServer

  beforeAll(async () => {
    mkdirSync('/var/tmp/tidemark-tests', { recursive: true })
    folder = mkdtempSync('/var/tmp/tidemark-tests/package-')
    const packages = [buildPackage(folder, '1.0.0'), buildPackage(folder, '1.1.0')]
    machine = await BootedMachine.boot()
    const script = join(clone, 'packaging/install.sh')
    for (const path of [...packages, join(folder, 'SHA256SUMS'), script])
      copyFileSync(path, join(machine.root, 'root', basename(path)))
    server = await PackageServer.start(join(folder, 'server'))
    await machine.run('mkdir', '-p', FILES)
    await machine.run('sh', '-c', `for n in 1 2 3 4 5; do echo one > ${FILES}/there-$n; done`)
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    await machine?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const script = ['sh', '/root/install.sh', '--packages', '/root'] as const
  const install = async (version: string): Promise<string> =>
    await machine.run('dpkg', '-i', `/root/tidemark-agent_${version}_amd64.deb`)
  const state = async (unit: string): Promise<string> =>
    (await machine.run('sh', '-c', `systemctl is-active ${unit} || true`)).trim()
  const version = async (): Promise<string> => (await machine.run('tidemark', '--version')).trim()
  const versionsSeen = async (): Promise<string[]> =>
    (await server.query('Heartbeat | summarize arg_max(TimeGenerated, Version)')).map((row) => String(row['Version']))

  /** What an administrator would wait minutes for comes in seconds; by a drop-in below /run, and settings. */
  const hasten = async (): Promise<void> => {
    const settings = { upload: { intervalMs: 500 }, rules: { refreshMs: 1_000 }, heartbeat: { intervalMs: 2_000 } }
    await machine.run('sh', '-c', `echo '${JSON.stringify(settings)}' > /etc/tidemark/agent.json`)
    const program =
      '/usr/lib/tidemark/bin/node /usr/lib/tidemark/program/tidemark.js changetracking --refresh-interval 1'
    const dropIns = '/run/systemd/system/tidemark-changetracking.service.d'
    const text = String.raw`[Service]\nExecStart=\nExecStart=${program}\n`
    await machine.run(
      'sh',
      '-c',
      `mkdir -p ${dropIns}; printf '${text}' > ${dropIns}/test.conf; systemctl daemon-reload`,
    )
    await machine.run('systemctl', 'restart', 'tidemark-changetracking')
  }

  test('it installs without a question, and runs without a Node of the machine', async () => {
    await machine.run(...script, '--version', '1.0.0')
    await expect(machine.run('which', 'node')).rejects.toThrow('which node')
    expect(await version()).toBe('1.0.0')
    expect(await state('tidemark-changetracking')).toBe('active')
    // Nobody knows this machine: the agent waits for that.
    expect([await state('tidemark-agent'), await state('tidemark-agent.path')]).toEqual(['inactive', 'active'])
    expect(await machine.run('stat', '-c', '%U %a', '/var/opt/microsoft/azuremonitoragent')).toBe('tidemark 750\n')
    expect(await machine.run('getent', 'passwd', 'tidemark')).toContain(':/nonexistent:/usr/sbin/nologin')
  })

  test('enrolment starts the agent, and the baseline is inventory and no change', async () => {
    await hasten()
    const rule = await server.track(FILES)
    const token = await server.enrolmentToken()
    // Run again, the script finds the version there and enrols the machine.
    await machine.run(...script, '--version', '1.0.0', '--server', server.url, '--token', token)
    await server.associate(rule)
    await server.queryUntil(
      `ConfigurationData | where FileSystemPath startswith "${FILES}/" | distinct FileSystemPath`,
      (rows) => rows.length === 5,
    )
    expect(await state('tidemark-agent')).toBe('active')
    expect(await server.query('ConfigurationChange | count')).toEqual([{ Count: 0 }])
    expect(await machine.run('stat', '-c', '%U %a', '/etc/opt/microsoft/azuremonitoragent/machine.key')).toBe(
      'tidemark 600\n',
    )
  })

  test('changes are seen at once, with who made them: the sandbox leaves it all that it needs', async () => {
    await machine.run('sh', '-c', `echo two >> ${FILES}/there-1`)
    const [row] = await server.queryUntil(changesOf('there-1'), (rows) => rows.length > 0)
    expect(row).toMatchObject({
      ChangeCategory: 'Modified',
      DetectedBy: 'watch',
      InitiatingProcessAccountName: 'root',
    })
    expect(String(row?.['InitiatingProcessFolderPath'])).toMatch(/\/(ba|da)?sh$/)
  })

  test.each(UNITS)('%s is told well by systemd, and shut in', async (unit) => {
    const shown = await machine.run('systemctl', 'show', unit, '--property=StatusText,NRestarts,WatchdogUSec,Result')
    expect(shown).toContain('NRestarts=0')
    expect(shown).toContain('Result=success')
    expect(shown).toContain('WatchdogUSec=2min')
    expect(shown).toMatch(unit === 'tidemark-agent' ? /StatusText=.*rules: \d/ : /StatusText=.+/)
    const analysis = await machine.run('systemd-analyze', 'security', '--no-pager', unit)
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(analysis)?.[1])
    expect(exposure).toBeGreaterThan(0)
    expect(exposure).toBeLessThanOrEqual(EXPOSURE_MAX[unit])
  })

  test('change tracking has no network: it cannot make a socket for one', async () => {
    const address = await machine.run('systemctl', 'show', 'tidemark-changetracking', '--property=MainPID', '--value')
    expect(await machine.run('grep', 'Seccomp:', `/proc/${address.trim()}/status`)).toContain('2')
    const words = [
      '-q',
      '--wait',
      '--pipe',
      '-p',
      'RestrictAddressFamilies=AF_UNIX',
      '-p',
      'SystemCallErrorNumber=EPERM',
    ]
    const program = "require('node:net').connect(1,'127.0.0.1').on('error',(e)=>console.log(e.code))"
    const said = await machine.run('systemd-run', ...words, '/usr/lib/tidemark/bin/node', '-e', program)
    expect(said.trim()).toBe('EAFNOSUPPORT')
  })

  test('an upgrade keeps the state: each change once, none lost, and no flood', async () => {
    const before = await server.query('ConfigurationChange | count')
    const upgrade = install('1.1.0')
    for (let count = 0; count < 5; count += 1)
      await machine.run('sh', '-c', `echo new > ${FILES}/during-${count}; echo ${count} >> ${FILES}/there-2; sleep 0.3`)
    await upgrade
    expect(await version()).toBe('1.1.0')
    await machine.run('sh', '-c', `echo after > ${FILES}/after-upgrade`)
    await server.queryUntil(changesOf('after-upgrade'), (rows) => rows.length > 0)
    await expectOnce('during-', 5)
    const [last] = (await server.query(`${changesOf('there-2')} | sort by TimeGenerated desc, Sequence desc`)).slice(
      0,
      1,
    )
    expect(last?.['Size']).toBe(Number((await machine.run('stat', '-c', '%s', `${FILES}/there-2`)).trim()))
    // What was there before and did not change is not told again, by any name.
    expect(
      await server.query(
        `${changesOf('there-')} | where FileSystemPath !endswith "1" and FileSystemPath !endswith "2"`,
      ),
    ).toEqual([])
    expect(before[0]?.['Count']).toBe(1)
    await server.until(async () => (await versionsSeen()).includes('1.1.0'))
  })

  test('a downgrade works as an upgrade does', async () => {
    await install('1.0.0')
    expect(await version()).toBe('1.0.0')
    await machine.run('sh', '-c', `echo after > ${FILES}/after-downgrade`)
    await server.queryUntil(changesOf('after-downgrade'), (rows) => rows.length > 0)
    await expectOnce('after-', 2)
    // The unit that the test above ran is gone, and that is told; nothing else went.
    const removed = 'ConfigurationChange | where ChangeCategory == "Removed" and SvcName !startswith "run-u"'
    expect(await server.query(`${removed} | project ConfigChangeType, FileSystemPath, SvcName, SoftwareName`)).toEqual(
      [],
    )
  })

  test('what an administrator stopped stays stopped over an upgrade', async () => {
    await machine.run('systemctl', 'stop', 'tidemark-changetracking')
    await install('1.1.0')
    expect([await state('tidemark-changetracking'), await state('tidemark-agent')]).toEqual(['inactive', 'active'])
    await machine.run('systemctl', 'start', 'tidemark-changetracking')
  })

  test('the journal tells of no trouble', async () => {
    const journal = await machine.run('journalctl', '--no-pager', '-q', '-p', 'warning', '-u', 'tidemark-*')
    // What kernels and containers of test machines let systemd say of itself is not ours.
    expect(journal.split('\n').filter((line) => !/^$|Failed to kill control group/.test(line))).toEqual([])
  })

  test('what is removed keeps its state, and a second installation goes on', async () => {
    await machine.run('dpkg', '-r', 'tidemark-agent')
    expect([await state('tidemark-changetracking'), await state('tidemark-agent')]).toEqual(['inactive', 'inactive'])
    await machine.run('sh', '-c', `echo meanwhile > ${FILES}/meanwhile`)
    await machine.run('test', '-s', '/etc/opt/microsoft/azuremonitoragent/machine.key')
    await install('1.1.0')
    await server.queryUntil(changesOf('meanwhile'), (rows) => rows.length > 0)
    await expectOnce('meanwhile', 1)
    await expectOnce('after-', 2)
  })

  test('a purge leaves nothing', async () => {
    await machine.run('dpkg', '--purge', 'tidemark-agent')
    const left = await machine.run(
      'sh',
      '-c',
      'find / -xdev ( -iname "*tidemark*" -o -path "*/azuremonitoragent*" -o -path "*/changetrackingdata*" -o -path "/var/log/azure*" ) -not -path "/root/*" -not -path "/proc/*" -not -path "/sys/*" -not -path "/var/log/journal/*"'.replaceAll(
        /[()]/g,
        String.raw`\$&`,
      ),
    )
    expect(left).toBe('')
    expect(await machine.run('sh', '-c', 'getent passwd tidemark; getent group tidemark; true')).toBe('')
    expect(await machine.run('sh', '-c', 'systemctl list-unit-files "tidemark*" --no-legend || true')).toBe('')
  })

  function changesOf(name: string): string {
    return `ConfigurationChange | where FileSystemPath startswith "${FILES}/${name}"`
  }

  async function expectOnce(name: string, count: number): Promise<void> {
    const text = `${changesOf(name)} | summarize n = count() by FileSystemPath`
    const rows = await server.queryUntil(text, (found) => found.length === count)
    expect(rows.map((row) => row['n'])).toEqual(Array.from({ length: count }, () => 1))
  }
})

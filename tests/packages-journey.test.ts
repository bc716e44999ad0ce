import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type AnswerRow, clone, RunningTidemark } from 'tidemark/testing'
import { BootedMachine, whyNoMachine } from './machine/booted-machine.ts'
import { buildDebs } from './packages-journey/debs.ts'

// Goal: what apt and dpkg do is one operation, whose files and packages name it, and each file is judged by what its package
// brought. Method: all of Tidemark in a real Debian 12; apt installs packages of a repository that the test builds.

const missing = whyNoMachine()
const TRACKED = '/srv/tracked'
const SOCKETS = '/run/tidemark'
const FILES = 300

const bigFiles = (version: string, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${TRACKED}/big/${name}`, `${name} ${version}\n`]))
const names = Array.from({ length: FILES }, (_, index) => `f${String(index).padStart(3, '0')}`)

describe.skipIf(missing)(`packages of a Debian machine${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let shared = ''
  let debs: string[] = []
  let machine: BootedMachine
  let tidemark: RunningTidemark

  const shell = async (script: string): Promise<string> => await machine.run('sh', '-ec', script)
  const changes = async (where: string, count: number): Promise<AnswerRow[]> =>
    await tidemark.queryUntil(
      `ConfigurationChange | where ${where} | sort by Sequence asc`,
      (rows) => rows.length >= count,
    )
  const operation = async (where: string): Promise<AnswerRow> => {
    const [row] = await tidemark.queryUntil(`TidemarkOperation | where ${where}`, (rows) => rows.length > 0)
    return row!
  }

  beforeAll(async () => {
    mkdirSync('/var/tmp/tidemark-tests', { recursive: true })
    shared = mkdtempSync('/var/tmp/tidemark-tests/state-')
    const repository = join(shared, 'repository')
    const conf = '/etc/tm-big.conf'
    debs = buildDebs(repository, [
      { name: 'tm-big', version: '1.0', files: { ...bigFiles('1.0', names), [conf]: 'port 1\n' }, conffiles: [conf] },
      {
        name: 'tm-big',
        version: '2.0',
        files: { ...bigFiles('2.0', names), [conf]: 'port 1\n' },
        conffiles: [conf],
        postinst: `echo made > ${TRACKED}/by-postinst`,
      },
      { name: 'tm-big', version: '3.0', files: { ...bigFiles('3.0', names), [conf]: 'port 1\n' }, conffiles: [conf] },
      { name: 'tm-hand', version: '1.0', files: { [`${TRACKED}/hand`]: 'hand\n' } },
      { name: 'tm-broken', version: '1.0', files: { [`${TRACKED}/broken`]: 'broken\n' }, postinst: 'exit 1' },
      {
        name: 'tm-slow',
        version: '1.0',
        files: { [`${TRACKED}/slow`]: 'slow\n' },
        postinst: 'touch /run/slow; sleep 600',
      },
    ])
    machine = await BootedMachine.boot({ readOnly: [clone], writable: [shared], hasOwnDisk: true })
    await shell(
      [
        `useradd -m alice; mkdir -p ${TRACKED} ${SOCKETS}; rm -rf /etc/apt/sources.list*`,
        `echo 'deb [trusted=yes] file:${repository} ./' > /etc/apt/sources.list`,
        'echo \'APT::Sandbox::User "root";\' > /etc/apt/apt.conf.d/journey; apt-get update -qq',
        'apt-get install -y -qq tm-hand=1.0 > /dev/null; apt-get remove -y -qq tm-hand > /dev/null',
      ].join('\n'),
    )
    tidemark = await RunningTidemark.start({ machine, state: shared, socketsDirectory: SOCKETS })
    await applyRule()
    await tidemark.queryUntil('ConfigurationData | where SoftwareName == "dpkg"', (rows) => rows.length > 0)
    await tidemark.queryUntil('ConfigurationData | where FileSystemPath == "/etc/passwd"', (rows) => rows.length > 0)
  })
  afterAll(async () => {
    await tidemark?.[Symbol.asyncDispose]()
    await machine?.[Symbol.asyncDispose]()
    rmSync(shared, { recursive: true, force: true })
  })

  async function applyRule(): Promise<void> {
    const shown = await tidemark.command('rules', 'show', 'Microsoft-CT-DCR')
    const rule = JSON.parse(shown.output)
    const { extensionSettings } = rule.properties.dataSources.extensions[0]
    Object.assign(extensionSettings, { enableSoftware: true, enableServices: false })
    extensionSettings.softwareSettings = { softwareCollectionFrequency: 5 }
    const entry = { enabled: true, recurse: true, type: 'File', links: 'Manage', checksum: 'sha256' }
    extensionSettings.fileSettings = {
      fileCollectionFrequency: 10,
      fileInfo: [
        { ...entry, name: 'tracked', destinationPath: `${TRACKED}/*` },
        { ...entry, name: 'etc', destinationPath: '/etc/*' },
      ],
    }
    delete rule.properties.immutableId
    const file = join(shared, 'rule.json')
    writeFileSync(file, JSON.stringify({ ...rule, id: undefined, etag: undefined, systemData: undefined }))
    const applied = await tidemark.command('rules', 'apply', file)
    if (applied.code !== 0) throw new Error(`rules apply: ${applied.errors}`)
  }

  test('what apt installs is one operation, with who asked for it', async () => {
    await shell('SUDO_UID=$(id -u alice) apt-get install -y -q tm-big=1.0 > /dev/null')
    const told = await operation('CommandLine contains "tm-big=1.0"')
    expect(told).toMatchObject({
      OperationSource: 'apt',
      Outcome: 'completed',
      RequestedBy: 'alice',
      PackageCount: 1,
      CommandLine: 'apt-get install -y -q tm-big=1.0',
    })
    expect(JSON.parse(String(told['Packages']))).toEqual([
      { name: 'tm-big', architecture: 'amd64', action: 'install', to: '1.0' },
    ])
    const rows = await changes(`FileSystemPath startswith "${TRACKED}/big/f"`, FILES)
    expect(tally(rows, 'OperationId')).toEqual({ [String(told['OperationId'])]: FILES })
    expect(tally(rows, 'PackageVerdict')).toEqual({ 'matches package': FILES })
    const [software] = await changes('SoftwareName == "tm-big" and ChangeCategory == "Added"', 1)
    expect(software).toMatchObject({ OperationId: told['OperationId'], Current: '1.0' })
  })

  test('an upgrade of 300 files is one line that opens', async () => {
    await shell('apt-get install -y -q tm-big=2.0 > /dev/null')
    const { OperationId: id } = await operation('CommandLine contains "tm-big=2.0"')
    const rows = await changes(`FileSystemPath startswith "${TRACKED}/big/f" and ChangeCategory == "Modified"`, FILES)
    expect(rows).toHaveLength(FILES)
    expect(tally(rows, 'OperationId')).toEqual({ [String(id)]: FILES })
    expect(tally(rows, 'PackageVerdict')).toEqual({ 'matches package': FILES })
    expect(tally(rows, 'PackageName')).toEqual({ 'tm-big': FILES })
    expect(tally(rows, 'PackageVersion')).toEqual({ '2.0': FILES })
    const [made] = await changes(`FileSystemPath == "${TRACKED}/by-postinst"`, 1)
    expect(made).toMatchObject({ OperationId: id, PackageVerdict: 'unowned', PackageName: '' })
    const [software] = await changes('SoftwareName == "tm-big" and Current == "2.0"', 1)
    expect(software).toMatchObject({ OperationId: id, Previous: '1.0' })
  })

  test('what people do to files belongs to no operation, and is judged', async () => {
    await shell(`echo port 2 > /etc/tm-big.conf; echo odd > ${TRACKED}/big/f007; echo mine > ${TRACKED}/mine`)
    const who = 'InitiatingProcessCertainty != "unknown" and OperationId == ""'
    const [conf] = await changes(`FileSystemPath == "/etc/tm-big.conf" and ${who}`, 1)
    expect(conf).toMatchObject({ PackageName: 'tm-big', PackageVerdict: 'conffile edited' })
    const [odd] = await changes(`FileSystemPath == "${TRACKED}/big/f007" and ${who}`, 1)
    expect(odd).toMatchObject({ PackageName: 'tm-big', PackageVerdict: 'differs from package' })
    const [mine] = await changes(`FileSystemPath == "${TRACKED}/mine" and ${who}`, 1)
    expect(mine).toMatchObject({ PackageName: '', PackageVerdict: 'unowned' })
  })

  test('a look in the middle of an upgrade tells nothing that is half', async () => {
    // Stopped when its first new files lie beside the old ones, for longer than looks are apart.
    await shell(
      `apt-get install -y -q tm-big=3.0 > /dev/null & apt=$!
      until ls ${TRACKED}/big | grep -q dpkg-new; do :; done
      pid=$(pgrep -nx dpkg); kill -STOP $pid; sleep 15; kill -CONT $pid; wait $apt`,
    )
    const { OperationId: id, DateStarted: since } = await operation('CommandLine contains "tm-big=3.0"')
    await changes(`OperationId == "${String(id)}" and FileSystemPath matches regex "${TRACKED}/big/f[0-9]+$"`, FILES)
    // A look that had begun before may have seen the new files beside the old ones, and tells them; what they became it judges last.
    const told = await tidemark.query(
      `ConfigurationChange | where FileSystemPath startswith "${TRACKED}/" and FileSystemPath !contains ".dpkg-" and TimeObserved >= datetime(${String(since)})
      | extend Operation = iff(OperationId == "${String(id)}", "the upgrade", OperationId)
      | summarize n = count(), paths = dcount(FileSystemPath) by Operation, ChangeCategory, PackageVerdict`,
    )
    expect(told).toEqual([
      {
        Operation: 'the upgrade',
        ChangeCategory: 'Modified',
        PackageVerdict: 'matches package',
        n: FILES,
        paths: FILES,
      },
    ])
  })

  test('dpkg by hand is an operation of its own', async () => {
    await shell(`dpkg -i ${debs[3]} > /dev/null`)
    const told = await operation('OperationSource == "dpkg"')
    expect(told).toMatchObject({ Outcome: 'completed', PackageCount: 1 })
    const [row] = await changes(`FileSystemPath == "${TRACKED}/hand"`, 1)
    expect(row).toMatchObject({
      OperationId: told['OperationId'],
      PackageName: 'tm-hand',
      PackageVerdict: 'matches package',
    })
  })

  test('a postinst that fails, and an apt that is killed', async () => {
    await shell('apt-get install -y -q tm-broken > /dev/null 2>&1 || true')
    expect(await operation('CommandLine endswith "tm-broken"')).toMatchObject({ Outcome: 'failed' })
    await shell('dpkg --purge --force-all tm-broken > /dev/null 2>&1; rm -f /run/slow')
    await shell(
      'apt-get install -y -q tm-slow > /dev/null 2>&1 & apt=$!; until [ -e /run/slow ]; do sleep 0.1; done; kill -9 $apt $(pgrep -x dpkg) $(pgrep -x tm-slow.postins) $(pgrep -x sleep) 2> /dev/null || true',
    )
    const killed = await operation('CommandLine endswith "tm-slow"')
    expect(killed).toMatchObject({ Outcome: 'interrupted', OperationSource: 'apt' })
    const [row] = await changes(`FileSystemPath == "${TRACKED}/slow"`, 1)
    expect(row).toMatchObject({ OperationId: killed['OperationId'], PackageVerdict: 'matches package' })
  })

  test('a log that is rotated: what comes after is told, and nothing twice', async () => {
    await shell('dpkg --purge --force-all tm-slow > /dev/null 2>&1')
    await shell(
      'for log in /var/log/apt/history.log /var/log/dpkg.log; do mv $log $log.1; done; gzip /var/log/apt/history.log.1',
    )
    await shell('apt-get remove -y -q tm-hand > /dev/null')
    await operation(
      'CommandLine endswith "remove -y -q tm-hand" and DateStarted > ago(1h) and Packages contains "remove"',
    )
    // By apt: three of tm-big, the broken, the killed, the last. By dpkg: one that was installed, two that were purged. What
    // apt did before anything was tracked is not new.
    const counted = await tidemark.queryUntil(
      'TidemarkOperation | summarize n = count() by OperationId, CommandLine',
      (rows) => rows.length >= 9,
    )
    expect(counted.map(({ n }) => n)).toEqual(Array.from({ length: 9 }, () => 1))
  })
})

function tally(rows: readonly AnswerRow[], column: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[String(row[column])] = (counts[String(row[column])] ?? 0) + 1
  return counts
}

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openLogFiles } from '../../host/package-logs.ts'
import { OperationLog } from './operation-log.ts'
import { parseOperationMemory } from './operation-memory.ts'
import { rpmByHand, rpmHistory } from './rpm-history.ts'

// Goal: what rpm installs is one operation for each run. Method: rpm itself, in a root of its own.

const missing = ['/usr/bin/rpm', '/usr/bin/rpmbuild'].find((path) => !existsSync(path))

describe.skipIf(missing)(`rpm${missing ? ` (skipped: no ${missing})` : ''}`, () => {
  let root = ''
  const install = (...names: string[]): void => {
    const files = names.map((name) => join(root, `built/RPMS/noarch/${name}-1-1.noarch.rpm`))
    const { status, stderr } = spawnSync(
      'rpm',
      ['--root', root, '--dbpath', '/var/lib/rpm', '-i', '--justdb', ...files],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(stderr)
  }
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tidemark-rpm-history-'))
    mkdirSync(join(root, 'var/lib/rpm'), { recursive: true })
    for (const name of ['quay', 'buoy', 'wreck']) {
      const head = `Name: ${name}\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\n`
      writeFileSync(join(root, 'one.spec'), `${head}%description\nx\n%files\n`)
      execFileSync('rpmbuild', ['-bb', '--define', `_topdir ${root}/built`, join(root, 'one.spec')], { stdio: 'pipe' })
    }
  }, 60_000)
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('each run is one operation with its packages, told once', async () => {
    const clock = new ManualClock()
    const files = openLogFiles(root)
    const open = (memory: string): OperationLog =>
      new OperationLog({
        files,
        readers: [rpmHistory(files, (path) => join(root, path))],
        clock,
        memory: parseOperationMemory(memory),
      })
    const tell = (memory: string) => {
      const log = open(memory)
      log.refresh()
      const told = log.untold()
      return { told, memory: JSON.stringify(log.after(told)) }
    }
    install('wreck')
    const before = tell('{}')
    expect(before.told).toEqual([])
    // The id of a transaction is a time in seconds.
    await untilNextSecond()
    install('quay', 'buoy')
    const { told, memory } = tell(before.memory)
    expect(told).toMatchObject([{ source: 'rpm', outcome: 'completed' }])
    expect(told[0]?.packages.map(({ name, to }) => `${name} ${to}`).sort()).toEqual(['buoy 0:1-1', 'quay 0:1-1'])
    expect(tell(memory).told).toEqual([])
    const dnf = { ...told[0]!, source: 'dnf' as const, startMs: (told[0]?.startMs ?? 0) + 60_000, endMs: undefined }
    expect(rpmByHand(told, [dnf])).toEqual([])
    expect(rpmByHand(told, [{ ...dnf, packages: [] }])).toEqual(told)
  })
})

async function untilNextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1_000)
  while (Math.floor(Date.now() / 1_000) === second) await new Promise((resolve) => setTimeout(resolve, 20))
}

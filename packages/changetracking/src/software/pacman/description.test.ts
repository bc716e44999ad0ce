import { rmSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'
import { parseDescription } from './description.ts'

const bash = (version: string, date: number): string =>
  `%NAME%\nbash\n\n%VERSION%\n${version}\n\n%BASE%\nbash\n\n%DESC%\nThe GNU Bourne Again shell\n\n%ARCH%\nx86_64\n\n%INSTALLDATE%\n${date}\n\n%PACKAGER%\nTobias <t@archlinux.org>\n\n%SIZE%\n9452544\n\n%LICENSE%\nGPL-3.0-or-later\n\n%DEPENDS%\nglibc\nreadline\n\n`

test('a package is read with its installation date', async () => {
  using machine = new TriedMachine({
    'var/lib/pacman/local/ALPM_DB_VERSION': '9\n',
    'var/lib/pacman/local/bash-5.2.026-2/desc': bash('5.2.026-2', 1_717_000_000),
  })
  expect((await machine.look()).items.get('pacman/bash')?.columns).toEqual({
    SoftwareName: 'bash',
    SoftwareDescription: 'The GNU Bourne Again shell',
    Publisher: 'Tobias <t@archlinux.org>',
    CurrentVersion: '5.2.026-2',
    Architecture: 'x86_64',
    SoftwareType: 'Pacman',
    SoftwareSource: 'pacman',
    SoftwareStatus: 'installed',
    Size: 9_452_544,
    InstallDate: '2024-05-29T16:26:40.000Z',
  })
})

test('while pacman is at work nothing is removed, and two versions are one package', async () => {
  using machine = new TriedMachine({ 'var/lib/pacman/local/bash-1-1/desc': bash('1-1', 1_000) })
  const { items: before } = await machine.look()
  rmSync(join(machine.root, 'var/lib/pacman/local/bash-1-1'), { recursive: true })
  machine.write('var/lib/pacman/local/zsh-1-1/desc', bash('1-1', 1).replace('bash', 'zsh'))
  machine.write('var/lib/pacman/db.lck', '')
  expect([...((await machine.look(before)).unsettled ?? [])]).toEqual(['pacman/bash'])
  machine.write('var/lib/pacman/local/bash-2-1/desc', bash('2-1', 3_000))
  machine.write('var/lib/pacman/local/bash-1-9/desc', bash('1-9', 2_000))
  expect((await machine.look(before)).items.get('pacman/bash')?.columns.CurrentVersion).toBe('2-1')
})

test('damage is told, and no text makes it throw', async () => {
  using machine = new TriedMachine({ 'var/lib/pacman/local/bash-1-1/desc': bash('1-1', 1).slice(7) })
  const { gaps, unseen } = await machine.look()
  expect(gaps[0]?.detail).toContain('local/bash-1-1/desc: line 1: no %HEADER%')
  expect([...(unseen ?? [])]).toEqual(['software:pacman'])
  const lines = fc.constantFrom('%NAME%\n', '%VERSION%\n', '\n', 'a\n', '%')
  fc.assert(fc.property(fc.array(fc.oneof(lines, fc.string())), (texts) => void parseDescription(texts.join(''))))
})

import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { PackageTree } from '../../host/package-tree.ts'
import { TriedMachine } from '../../testing/tried-machine.ts'
import { READS_MAX, readDpkgDatabase } from './database.ts'

const stanza = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: all\nMaintainer: m\nDescription: d\n\n`

/** A tree in which something happens whenever the journal is listed, between the two halves of a reading. */
function happening(machine: TriedMachine, happen: () => void): PackageTree {
  const { tree } = machine.machine
  return {
    ...tree,
    names: (path) => {
      happen()
      return tree.names(path)
    },
  }
}

const versions = (tree: PackageTree): unknown => {
  const read = readDpkgDatabase(tree)
  return read.kind === 'read'
    ? Object.fromEntries([...read.stanzas.values()].map((each) => [each.name, each.version]))
    : read
}

// Mutants tried: `status` not looked at again, the journal not read, a file that went in between taken for an empty one.
// Each was found.
test('a journal that dpkg folds into status while it is read is not lost', () => {
  using machine = new TriedMachine({
    'var/lib/dpkg/status': stanza('a', '1') + stanza('b', '1'),
    'var/lib/dpkg/updates/0000': stanza('a', '2'),
    'var/lib/dpkg/updates/0001': stanza('c', '1'),
  })
  expect(versions(machine.machine.tree)).toEqual({ a: '2', b: '1', c: '1' })
  const journal = join(machine.root, 'var/lib/dpkg/updates')
  let isFolded = false
  const tree = happening(machine, () => {
    if (isFolded) return
    isFolded = true
    machine.write('var/lib/dpkg/status', stanza('a', '2') + stanza('b', '1') + stanza('c', '1'))
    rmSync(journal, { recursive: true })
  })
  expect(versions(tree)).toEqual({ a: '2', b: '1', c: '1' })
})

test('a file of the journal that goes after it was listed makes it be read again', () => {
  using machine = new TriedMachine({ 'var/lib/dpkg/status': stanza('a', '1') })
  const { tree } = machine.machine
  let listings = 0
  const listed: PackageTree = {
    ...tree,
    names: (path) => {
      listings += 1
      return listings === 1 ? ['0000'] : tree.names(path)
    },
  }
  expect([versions(listed), listings]).toEqual([{ a: '1' }, 2])
})

test('a status that is written all the time is told as busy, and names that are no journal are not read', () => {
  using machine = new TriedMachine({
    'var/lib/dpkg/status': stanza('a', '1'),
    'var/lib/dpkg/updates/tmp.i': '#padding\n',
  })
  expect(versions(machine.machine.tree)).toEqual({ a: '1' })
  let version = 1
  const tree = happening(machine, () => machine.write('var/lib/dpkg/status', stanza('a', `1.${(version += 1)}`)))
  expect(versions(tree)).toEqual({
    kind: 'busy',
    problem: `/var/lib/dpkg/status was written anew at each of ${READS_MAX} readings`,
  })
})

test('an image without dpkg has a file for each package, all of them installed', () => {
  using machine = new TriedMachine({
    'var/lib/dpkg/status.d/base-files': stanza('base-files', '12.4').replace('Status: install ok installed\n', ''),
    'var/lib/dpkg/status.d/base-files.md5sums': 'd41d8cd9  etc/x\n',
    'var/lib/dpkg/status.d/tzdata': stanza('tzdata', '2024a').replace('Status: install ok installed\n', ''),
  })
  expect(versions(machine.machine.tree)).toEqual({ 'base-files': '12.4', tzdata: '2024a' })
})

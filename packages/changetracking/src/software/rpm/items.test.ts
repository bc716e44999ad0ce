import { expect, test } from 'vitest'

import type { RpmHeader } from './header.ts'
import { rpmItems } from './items.ts'

const kernels = (...versions: string[]): RpmHeader[] =>
  versions.map((version) => ({ name: 'kernel', version, release: '1', architecture: 'x86_64' }))

// Mutants tried: the key by the count of versions alone (the first version of this room), and always with the version.
test('a version keeps its key when another one comes or goes', () => {
  const first = rpmItems(kernels('5'), new Map())
  const second = rpmItems(kernels('5', '6'), first)
  const third = rpmItems(kernels('6'), second)
  const fourth = rpmItems(kernels('6', '7'), third)
  expect([first, second, third, fourth].map((items) => [...items.keys()])).toEqual([
    ['kernel.x86_64'],
    ['kernel.x86_64', 'kernel.x86_64 0:6-1'],
    ['kernel.x86_64 0:6-1'],
    ['kernel.x86_64 0:6-1', 'kernel.x86_64 0:7-1'],
  ])
  expect([...rpmItems(kernels('6'), first).keys()]).toEqual(['kernel.x86_64'])
})

test('the same version twice is one package, and what a header lacks is 0', () => {
  const items = rpmItems([...kernels('5', '5'), { name: 'gpg-pubkey', version: 'a', release: 'b' }], new Map())
  expect([...items.keys()]).toEqual(['kernel.x86_64', 'gpg-pubkey.0'])
  expect(items.get('gpg-pubkey.0')?.columns).toMatchObject({
    Publisher: '0',
    CurrentVersion: '0:a-b',
    Architecture: '0',
  })
})

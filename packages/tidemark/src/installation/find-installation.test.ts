import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { findInstallation, findServer, installationIn } from './find-installation.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tidemark-installation-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function keep(state: string): void {
  mkdirSync(join(folder, state), { recursive: true })
  const processes = { up: 1, server: 2, agent: 3, changetracking: 4 }
  const document = { version: '1', serverUrl: 'http://h:1/', adminTokenFile: 'none', root: `/${state}`, processes }
  writeFileSync(join(folder, state, 'tidemark.json'), JSON.stringify(document))
}

test('an installation is found in var here or above, and in the folder that is said', () => {
  keep('var')
  keep('other')
  mkdirSync(join(folder, 'deep/deeper'), { recursive: true })
  expect(findInstallation({}, join(folder, 'deep/deeper'))?.root).toBe('/var')
  expect(findInstallation({ state: 'other' }, folder)?.root).toBe('/other')
})

test('a state folder that is said and has no installation is told, whatever is found elsewhere', () => {
  keep('var')
  expect(() => findInstallation({ state: 'nowhere' }, folder)).toThrow(
    `${folder}/nowhere/tidemark.json cannot be read: there is no such file. Is that the state folder`,
  )
  expect(installationIn(join(folder, 'nowhere'))).toBeUndefined()
})

test('without an installation it is said how to name a server; without a token, how to give one', () => {
  const here = { folder, environment: {} }
  expect(() => findServer({}, here)).toThrow('no server is known here')
  expect(() => findServer({ server: 'http://h:1' }, here)).toThrow('no token for http://h:1: say --token-file FILE')
  const environment = { TIDEMARK_TOKEN: 'secret\n' }
  expect(findServer({ server: 'http://h:1/' }, { folder, environment })).toEqual({ url: 'http://h:1', token: 'secret' })
})

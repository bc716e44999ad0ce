// Goal: log and JSON files are where the described system has them in either mode, the log is turned over there, its level
// changes while the program runs, and the status finds it. Method: the command itself, below a folder, without an agent.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { version } from '@tidemark/changetracking'
import { changeTrackingPlaces } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runProgram } from '../program.ts'
import { readMachineStatus } from '../status/machine-status.ts'
import { terminalOf } from '../terminal/terminal.ts'
import { readChangeTrackingSettings } from './changetracking-settings.ts'

let root = ''
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'tidemark-mode-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const poll = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 })
const settingsFile = () => changeTrackingPlaces(root).settings

function saveSettings(text: string): void {
  mkdirSync(dirname(settingsFile()), { recursive: true })
  writeFileSync(settingsFile(), text)
}

/** Runs the command while `act` does. */
async function whileRunning(words: readonly string[], act: () => Promise<void>): Promise<string> {
  const stop = new AbortController()
  const errors: string[] = []
  const running = runProgram(['changetracking', '--root', root, '--sockets-directory', join(root, 's'), ...words], {
    terminal: terminalOf({
      out: { write: () => undefined },
      error: { write: (text: string) => errors.push(text) },
      environment: {},
    }),
    environment: {},
    folder: root,
    signal: stop.signal,
    setExitCode: () => undefined,
  })
  try {
    await act()
  } finally {
    stop.abort()
    await running
  }
  return errors.join('')
}

test.each([
  { words: [], settings: '{}', places: () => changeTrackingPlaces(root) },
  { words: [], settings: '{ "mode": "arc" }', places: () => changeTrackingPlaces(root, { mode: 'arc', version }) },
  { words: ['--mode', 'arc'], settings: '{}', places: () => changeTrackingPlaces(root, { mode: 'arc', version }) },
  { words: ['--mode', 'azure-vm'], settings: '{ "mode": "arc" }', places: () => changeTrackingPlaces(root) },
])('with $words and $settings the log is in its folder, and turned over there', async ({ words, settings, places }) => {
  saveSettings(
    settings.replace('}', `${settings === '{}' ? '' : ','} "log": { "fileBytesMax": 65536, "filesMax": 2 } }`),
  )
  const { log, logFolder } = places()
  mkdirSync(logFolder, { recursive: true })
  writeFileSync(log, `${'x'.repeat(65_535)}\n`)
  await whileRunning(words, async () => {
    await poll(() => existsSync(join(logFolder, 'status.json'))).toBe(true)
    // A line of its own: the level is read again.
    process.kill(process.pid, 'SIGHUP')
    await poll(() => readdirSync(logFolder).sort()).toEqual(
      expect.arrayContaining(['cta_linux_agent.log', 'cta_linux_agent.log.1']),
    )
    expect(readMachineStatus(root)).toMatchObject({ trackingLog: log, tracking: { pid: process.pid } })
  })
  expect(readFileSync(`${log}.1`, 'utf8')).toContain('xxx')
})

test('the level of the log is read again without a restart', async () => {
  const { log } = changeTrackingPlaces(root)
  await whileRunning([], async () => {
    await poll(() => existsSync(log)).toBe(true)
    saveSettings('{ "log": { "level": "debug" } }')
    process.kill(process.pid, 'SIGHUP')
    await poll(() => readFileSync(log, 'utf8')).toContain('"level":"debug"')
    saveSettings('{ "log": { "level": "loud" } }')
    process.kill(process.pid, 'SIGHUP')
    await poll(() => readFileSync(log, 'utf8')).toContain('the settings are wrong; the level stays')
  })
})

test('of earlier versions on an Arc machine the last one’s files stay, and nothing of others goes', async () => {
  const folderOf = (name: string): string => changeTrackingPlaces(root, { mode: 'arc', version: name }).logFolder
  for (const [age, name] of ['0.0.3', '0.0.2', '0.0.1'].entries()) {
    mkdirSync(folderOf(name), { recursive: true })
    for (const file of ['status.json', 'File.json', 'cta_linux_agent.log.1'])
      writeFileSync(join(folderOf(name), file), '{}')
    utimesSync(join(folderOf(name), 'status.json'), 1_000 - age, 1_000 - age)
  }
  writeFileSync(join(folderOf('0.0.1'), 'HandlerManifest.json'), '')
  mkdirSync(folderOf('9.9.9'))
  writeFileSync(join(folderOf('9.9.9'), 'File.json'), 'of the original')
  await whileRunning(['--mode', 'arc'], async () => {
    await poll(() => existsSync(join(folderOf(version), 'status.json'))).toBe(true)
  })
  expect(readdirSync(folderOf('0.0.3'))).toHaveLength(3)
  expect(existsSync(folderOf('0.0.2'))).toBe(false)
  expect(readdirSync(folderOf('0.0.1'))).toEqual(['HandlerManifest.json'])
  expect(readdirSync(folderOf('9.9.9'))).toEqual(['File.json'])
})

test.each([
  { text: '{ "mode": "moon" }', said: 'mode' },
  { text: '{ "modes": 1 }', said: 'modes' },
  { text: '{\n "log": [,] }', said: 'line 2, column 10' },
])('$text is refused with its place', async ({ text, said }) => {
  saveSettings(text)
  await expect(readChangeTrackingSettings({ root }, '/')).rejects.toThrow(said)
})

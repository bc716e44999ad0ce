import fc from 'fast-check'
import { expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'
import { parseDeploy } from './deploy.ts'

const text = (value: string): Buffer => Buffer.from(`${value}\0`)
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)])
const widthFor = (bodyBytes: number, ends: number): number =>
  [1, 2, 4].find((width) => bodyBytes + ends * width < 2 ** (8 * width)) ?? 8
const end = (value: number, width: number): Buffer => {
  const bytes = Buffer.alloc(width)
  bytes.writeUIntLE(value, 0, Math.min(width, 6))
  return bytes
}

function entry(key: string, value: string): Buffer {
  const body = Buffer.concat([padded(text(key)), text(value), Buffer.from('\0s')])
  return Buffer.concat([body, end(key.length + 1, widthFor(body.length, 1))])
}

function deploy(facts: {
  origin: string
  commit: string
  size: bigint
  texts: Readonly<Record<string, string>>
}): Buffer {
  const elements = Object.entries(facts.texts).map(([key, value]) => entry(key, value))
  const ends: number[] = []
  let array: Buffer = Buffer.alloc(0)
  for (const element of elements) {
    array = Buffer.concat([padded(array), element])
    ends.push(array.length)
  }
  const arrayWidth = widthFor(array.length, ends.length)
  array = Buffer.concat([array, ...ends.map((each) => end(each, arrayWidth))])
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(facts.size)
  const strings = Buffer.concat([text(facts.origin), text(facts.commit)])
  const body = Buffer.concat([padded(strings), size, array])
  const width = widthFor(body.length, 3)
  const [originEnd, commitEnd] = [facts.origin.length + 1, strings.length]
  return Buffer.concat([body, end(commitEnd, width), end(commitEnd, width), end(originEnd, width)])
}

const commit = '0123456789abcdef'.repeat(4)
const facts = {
  origin: 'flathub',
  commit,
  size: 123_456_789n,
  texts: { 'appdata-name': 'Thing', 'appdata-version': '3.2', 'appdata-summary': 'A thing', 'alt-id': 'x'.repeat(300) },
}

test('apps and runtimes of the system installation, with the version that their metadata tell', async () => {
  using machine = new TriedMachine({
    'var/lib/flatpak/app/org.a.Thing/x86_64/stable/active/deploy': deploy(facts),
    'var/lib/flatpak/runtime/org.a.Platform/x86_64/23.08/active/deploy': deploy({ ...facts, texts: {} }),
    'var/lib/flatpak/app/org.a.Coming/x86_64/stable/x': '',
  })
  const { items, gaps } = await machine.look()
  expect(gaps).toEqual([])
  expect([...items.keys()]).toEqual(['flatpak/org.a.Thing/x86_64/stable', 'flatpak/org.a.Platform/x86_64/23.08'])
  expect(items.get('flatpak/org.a.Thing/x86_64/stable')?.columns).toEqual({
    SoftwareName: 'org.a.Thing',
    SoftwareDescription: 'A thing',
    Publisher: 'flathub',
    CurrentVersion: '3.2 (0123456789ab)',
    Architecture: 'x86_64',
    SoftwareType: 'Flatpak',
    SoftwareSource: 'flatpak',
    SoftwareStatus: 'installed, stable',
    Size: 123_456_789,
  })
  expect(items.get('flatpak/org.a.Platform/x86_64/23.08')?.columns.CurrentVersion).toBe('23.08 (0123456789ab)')
  machine.write('var/lib/flatpak/app/org.a.Thing/x86_64/stable/active/deploy', deploy(facts).subarray(0, 20))
  expect([...((await machine.look()).unseen ?? [])]).toEqual(['software:flatpak'])
})

test('every text comes back, and no bytes make it throw', () => {
  const texts = fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.stringMatching(/^[a-z .]{0,400}$/), {
    maxKeys: 6,
  })
  fc.assert(
    fc.property(texts, (all) => {
      expect(Object.fromEntries(parseDeploy(deploy({ ...facts, texts: all }))?.texts ?? [])).toEqual({ ...all })
    }),
  )
  fc.assert(fc.property(fc.uint8Array(), (any) => void parseDeploy(Buffer.from(any))))
  const good = deploy(facts)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }))), (edits) => {
      const bytes = Buffer.from(good)
      for (const [at, byte] of edits) bytes[at] = byte
      parseDeploy(bytes)
    }),
  )
})

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { extendedAttributesOf } from '@tidemark/linux'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'

import { capabilitiesText } from './capabilities.ts'

interface Sets {
  readonly permitted: bigint
  readonly inheritable: bigint
  readonly isEffective: boolean
  readonly rootId?: number
}

function encoded({ permitted, inheritable, isEffective, rootId }: Sets): Buffer {
  const bytes = Buffer.alloc(rootId === undefined ? 20 : 24)
  bytes.writeUInt32LE((rootId === undefined ? 0x02_00_00_00 : 0x03_00_00_00) + (isEffective ? 1 : 0))
  for (const word of [0, 1]) {
    bytes.writeUInt32LE(Number((permitted >> BigInt(32 * word)) & 0xffffffffn), 4 + 8 * word)
    bytes.writeUInt32LE(Number((inheritable >> BigInt(32 * word)) & 0xffffffffn), 8 + 8 * word)
  }
  if (rootId !== undefined) bytes.writeUInt32LE(rootId, 20)
  return bytes
}

// As getcap of libcap 2.66 printed them for a file with these bytes.
test.each([
  { hex: '0100000200040000000000000000000000000000', text: 'cap_net_bind_service=ep' },
  { hex: '0100000209000000000000000000000000000000', text: 'cap_chown,cap_fowner=ep' },
  { hex: '01000002ffffffff00000000ff01000000000000', text: '=ep' },
  { hex: '00000002ffffffff00000000ff01000000000000', text: '=p' },
  { hex: '0000000200000000000000000000000000000000', text: '=' },
  {
    hex: '00000002050000000a00000000000000ffff0000',
    text: 'cap_dac_override,cap_fowner,cap_mac_override,cap_mac_admin,cap_syslog,cap_wake_alarm,cap_block_suspend,cap_audit_read,cap_perfmon,cap_bpf,cap_checkpoint_restore=i cap_chown,cap_dac_read_search+p 41,42,43,44,45,46,47+i',
  },
  { hex: '0000000200000000000000000000f0ff00000000', text: '= 52,53,54,55,56,57,58,59,60,61,62,63+p' },
  { hex: '0100000309000000000000000000000000000000e8030000', text: 'cap_chown,cap_fowner=ep [rootid=1000]' },
])('$text', ({ hex, text }) => {
  expect(capabilitiesText(Buffer.from(hex, 'hex'))).toBe(text)
})

test('the first revision, of one word, which no kernel writes any more', () => {
  expect(capabilitiesText(Buffer.from('010000010004000000000000', 'hex'))).toBe('cap_net_bind_service=ep')
})

test.each([
  { name: 'nothing', hex: '', text: 'malformed, 0 bytes: none' },
  { name: 'too short for its revision', hex: '0100000200040000', text: 'malformed, 8 bytes: 0x0100000200040000' },
  { name: 'a revision to come', hex: '01000004', text: 'malformed, 4 bytes: 0x01000004' },
  { name: 'a flag to come', hex: '020000010004000000000000', text: 'malformed, 12 bytes: 0x020000010004000000000000' },
])('malformed is described: $name', ({ hex, text }) => {
  expect(capabilitiesText(Buffer.from(hex, 'hex'))).toBe(text)
})

const sets = fc.record({
  permitted: fc.oneof(fc.bigInt(0n, 2n ** 41n - 1n), fc.bigInt(0n, 2n ** 64n - 1n), fc.constant(2n ** 41n - 1n)),
  inheritable: fc.oneof(fc.constant(0n), fc.bigInt(0n, 2n ** 41n - 1n), fc.bigInt(0n, 2n ** 64n - 1n)),
  isEffective: fc.boolean(),
})

test('never throws on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      expect(capabilitiesText(Buffer.from(bytes))).not.toBe('')
    }),
  )
})

test('other sets have other texts', () => {
  fc.assert(
    fc.property(sets, sets, (one, other) => {
      const isSame = one.permitted === other.permitted && one.inheritable === other.inheritable
      const isEmpty = (one.permitted | one.inheritable) === 0n
      fc.pre(!isSame || (one.isEffective !== other.isEffective && !isEmpty))
      expect(capabilitiesText(encoded(one))).not.toBe(capabilitiesText(encoded(other)))
    }),
  )
})

const folder = mkdtempSync(join(tmpdir(), 'tidemark-capabilities-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function whyNot(): string | undefined {
  const path = join(folder, 'probe')
  writeFileSync(path, '')
  try {
    execFileSync('setcap', ['cap_kill=ep', path], { stdio: 'pipe' })
  } catch {
    return existsSync('/usr/sbin/setcap') ? 'only root gives files capabilities' : 'apt-get install libcap2-bin'
  }
  // getcap names what the running kernel knows.
  const last = readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8').trim()
  return last === '40' ? undefined : `this kernel's last capability is ${last}, not 40`
}

const missing = whyNot()

/** What getcap(8) prints behind each name, in the order of the paths. */
function judged(paths: readonly string[]): string[] {
  const lines = execFileSync('getcap', ['-n', ...paths], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
  return lines.map((line) => line.slice(line.indexOf(' ') + 1))
}

function ours(path: string): string {
  return capabilitiesText(new Map(extendedAttributesOf(Buffer.from(path))).get('security.capability')!)
}

describe.skipIf(missing !== undefined)(`beside getcap${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.each([
    'cap_net_bind_service=ep',
    'cap_chown,cap_fowner=p cap_kill+i',
    '=ep cap_sys_admin-ep',
    'all=eip cap_bpf-p',
  ])('setcap %s', (text) => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    execFileSync('setcap', [text, path])
    expect(ours(path)).toBe(judged([path])[0])
  })

  test('500 random sets', () => {
    const paths = fc
      .sample(fc.tuple(sets, fc.option(fc.integer({ min: 1, max: 100_000 }))), 500)
      .map(([drawn, rootId], index) => {
        const path = join(folder, `random-${index}`)
        writeFileSync(path, '')
        return { path, bytes: encoded({ ...drawn, ...(rootId === null ? {} : { rootId }) }) }
      })
    const dump = paths.map(({ path, bytes }) => `# file: ${path}\nsecurity.capability=0x${bytes.toString('hex')}\n`)
    execFileSync('setfattr', ['--restore=-'], { input: dump.join('\n') })
    const expected = judged(paths.map(({ path }) => path))
    expect(paths.map(({ path }) => ours(path))).toEqual(expected)
  })
})

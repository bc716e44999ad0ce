import { expect, test } from 'vitest'

import { machineIdentity } from './machine.ts'

const machineId = '0123456789abcdef0123456789abcdef'

test('a machine keeps its identity when it is renamed', () => {
  const before = machineIdentity({ hostName: 'web-1', machineId })
  const after = machineIdentity({ hostName: 'web-2', machineId })
  expect(after.sourceComputerId).toBe(before.sourceComputerId)
  expect(before.sourceComputerId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('the machine id itself is not told', () => {
  expect(JSON.stringify(machineIdentity({ hostName: 'web-1', machineId }))).not.toContain(machineId.slice(0, 8))
})

test('the firmware names the virtual machine where it can be read', () => {
  const productUuid = 'A0B1C2D3-0000-4000-8000-000000000001'
  expect(machineIdentity({ hostName: 'web-1', machineId, productUuid }).vmUuid).toBe(productUuid.toLowerCase())
  const without = machineIdentity({ hostName: 'web-1', machineId })
  expect(without.vmUuid).toBe(without.sourceComputerId)
})

test('without a machine id the host name tells machines apart', () => {
  expect(machineIdentity({ hostName: 'a' }).sourceComputerId).not.toBe(
    machineIdentity({ hostName: 'b' }).sourceComputerId,
  )
})

import { execFileSync } from 'node:child_process'

import { expect, test } from 'vitest'

import { packageVersion, sourceDate } from './facts.ts'

test.each(['1.0', '1.2.3', '1.2.3.4', '1.2.3~rc1'])('%s is a version', (version) => {
  expect(packageVersion(version)).toBe(version)
})

test.each(['', '1', 'v1.0', '1.0-1', '1.0;rm', '1.0~', '1.0 ', `1.${'0'.repeat(64)}`])('"%s" is none', (version) => {
  expect(() => packageVersion(version)).toThrow('is no version')
})

test('a version before another one is so for dpkg, too', () => {
  expect(() => execFileSync('dpkg', ['--compare-versions', packageVersion('1.0~rc1'), 'lt', packageVersion('1.0')])).not.toThrow()
})

test('the date is that of the environment, or of the commit', () => {
  expect(sourceDate({ SOURCE_DATE_EPOCH: '1700000000' })).toBe(1_700_000_000)
  expect(sourceDate({})).toBeGreaterThan(1_700_000_000)
  expect(() => sourceDate({ SOURCE_DATE_EPOCH: 'now' })).toThrow('SOURCE_DATE_EPOCH')
})

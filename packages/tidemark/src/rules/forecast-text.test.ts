import type { Forecast, Tally } from '@tidemark/changetracking'
import { expect, test } from 'vitest'

import type { Terminal } from '../terminal/terminal.ts'
import { forecastSummary, forecastText } from './forecast-text.ts'

const terminal: Terminal = {
  isColoured: false,
  isInteractive: false,
  columns: 120,
  write: () => undefined,
  writeError: () => undefined,
}

const none = { files: 0, bytes: 0 }
const tally: Tally = {
  files: 1_200,
  folders: 1,
  links: 2,
  others: 3,
  bytes: 2e9,
  read: { files: 1, bytes: 5 },
  kept: none,
  largest: [],
}
const forecast: Forecast = {
  entries: [{ name: 'web', destinationPath: '/srv/web', enabled: true, tally }],
  all: tally,
  excluded: [{ pattern: '*.bak', entry: 'web', paths: 2 }],
  blind: {
    paths: 3,
    first: [
      { path: '/srv/web/closed', what: 'contents', why: 'EACCES' },
      { path: '/srv/web/\u001b[31m', what: 'path', why: 'EIO' },
    ],
  },
  rates: { secondsPerPath: 0.001, secondsPerFileRead: 0, bytesHashedPerSecond: 1e9 },
  baseline: { busySeconds: 30, seconds: 60 },
  rescan: { busySeconds: 2, seconds: 2 },
  warnings: [{ code: 'cannot-be-read', message: '3 paths cannot be looked at' }],
}
const subject = { name: 'rule', cpuPercent: 50 }

test('the summary tells totals, both looks, and what to think about', () => {
  expect(forecastSummary(terminal, forecast, subject)).toEqual([
    'rule would track 1,200 files, 1 folder, 2 links, 3 fifos, sockets and devices on this machine, with 2.00 GB.',
    'First look: reads 1 file with 5 B, about 60 s (30 s of work, at 50 % of a core).',
    'Later looks, where nothing changed: about 2.0 s, and a little for comparing.',
    'warning: 3 paths cannot be looked at',
  ])
})

test('what takes hardly any time is not about less than something', () => {
  const quick = { ...forecast, rescan: { busySeconds: 0.01, seconds: 0.02 } }
  expect(forecastSummary(terminal, quick, subject)).toContain(
    'Later looks, where nothing changed: less than 0.1 s, and a little for comparing.',
  )
})

test('what cannot be looked at is named with the reason, and no name can move the cursor', () => {
  const text = forecastText(terminal, forecast, subject)
  expect(text).toContain(
    [
      'Cannot be looked at',
      '  /srv/web/closed (what is in it): no rights (EACCES)',
      String.raw`  /srv/web/\x1b[31m: EIO`,
      '  and 1 more',
      '',
    ].join('\n'),
  )
  expect(text).toContain('  2 paths by *.bak of entry "web"\n')
})

test('sections without anything in them are left out', () => {
  const text = forecastText(terminal, { ...forecast, excluded: [], blind: { paths: 0, first: [] } }, subject)
  expect(text).not.toMatch(/Excluded|Cannot be|Largest/)
})

import type { RuleSummary } from '@tidemark/model'

import { agoText, safeText } from '../view/text.ts'
import type { TableColumn } from '../view/virtual-table.tsx'
import { ruleWords as words } from '../words/rules.ts'
import { secondsText } from './rules-view.ts'

/** Rules with a text in their name or description, whatever its letter case. */
export function matchingRules(rules: readonly RuleSummary[], text = ''): readonly RuleSummary[] {
  const wanted = text.toLowerCase()
  return rules.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
}

/** The columns of the list. */
export function ruleColumns(nowMs: number): readonly TableColumn<RuleSummary>[] {
  return [
    { id: 'name', title: words.name, width: 'minmax(140px, 2fr)', cell: ({ name }) => safeText(name) },
    { id: 'tracks', title: words.tracks, width: 'minmax(120px, 2fr)', cell: tracksText },
    {
      id: 'entries',
      title: words.entries,
      width: '90px',
      isNumber: true,
      isMinor: true,
      cell: ({ enabledCount, entryCount }) => words.entriesOff(enabledCount, entryCount),
    },
    {
      id: 'machines',
      title: words.machines,
      width: '90px',
      isNumber: true,
      cell: ({ machineCount }) => machineCount.toLocaleString(),
    },
    { id: 'frequency', title: words.frequency, width: 'minmax(250px, 1.5fr)', isMinor: true, cell: frequencyText },
    {
      id: 'saved',
      title: words.saved,
      width: '110px',
      isMinor: true,
      cell: ({ savedAt }) =>
        savedAt === '' ? '' : <time dateTime={savedAt}>{words.ago(agoText(savedAt, nowMs))}</time>,
    },
    {
      id: 'by',
      title: words.by,
      width: 'minmax(80px, 1fr)',
      isMinor: true,
      cell: ({ savedBy }) => (savedBy === '' ? words.server : safeText(savedBy)),
    },
  ]
}

function tracksText({ isTracking, tracks }: RuleSummary): string {
  return isTracking ? tracks.map((one) => words.tracking[one]).join(', ') : words.notTracking
}

/** `15 min, 5 min, 5 min` in the order of files, software, daemons. */
function frequencyText({ frequencies: { files, software, daemons } }: RuleSummary): string {
  return [files, software, daemons].map((seconds) => (seconds === 0 ? '–' : secondsText(seconds))).join(' / ')
}

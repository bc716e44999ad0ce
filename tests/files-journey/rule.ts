import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { RunningTidemark } from 'tidemark/testing'

import { TRACKED } from './acts.ts'

/** Where bursts are: their contents are not kept. */
export const BURST = '/srv/burst'

/** What the journey's rule says beside what it always says. */
export interface RuleChoice {
  readonly exclude?: readonly string[]
  /** In all rows from when it is in force. */
  readonly groupTag?: string
  readonly frequencySeconds: number
}

/** Puts the journey's rule in the place of the default one, by `tidemark rules apply`. */
export async function applyRule(tidemark: RunningTidemark, choice: RuleChoice): Promise<void> {
  const shown = await tidemark.command('rules', 'show', 'Microsoft-CT-DCR')
  const rule = JSON.parse(shown.output)
  const entry = {
    enabled: true,
    recurse: true,
    type: 'File',
    links: 'Manage',
    checksum: 'sha256',
    groupTag: choice.groupTag ?? 'journey',
  }
  const { extensionSettings } = rule.properties.dataSources.extensions[0]
  Object.assign(extensionSettings, { enableSoftware: false, enableServices: false })
  extensionSettings.fileSettings = {
    fileCollectionFrequency: choice.frequencySeconds,
    exclude: [`${TRACKED}/**/.git`, ...(choice.exclude ?? [])],
    fileInfo: [
      { ...entry, name: 'tracked', destinationPath: `${TRACKED}/*`, uploadContent: true },
      { ...entry, name: 'burst', destinationPath: `${BURST}/*` },
      { ...entry, name: 'etc', destinationPath: '/etc/*' },
      { ...entry, name: 'bin', destinationPath: '/usr/local/bin/*' },
    ],
  }
  delete rule.properties.immutableId
  const file = join(tidemark.state, 'journey-rule.json')
  writeFileSync(file, JSON.stringify({ ...rule, id: undefined, etag: undefined, systemData: undefined }))
  const applied = await tidemark.command('rules', 'apply', file)
  if (applied.code !== 0) throw new Error(`rules apply: ${applied.errors}`)
}

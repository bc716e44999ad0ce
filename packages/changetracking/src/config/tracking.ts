import { type Parsed, type Problem } from '@tidemark/base'
import {
  configResponse,
  type ExtensionConfiguration,
  type ExtensionSettings,
  type FileEntry,
  parseExtensionSettings,
  parseJsonText,
  problemOf,
  type ScanBudget,
  taggedData,
  type TrackedType,
} from '@tidemark/model'

/** One rule as the agent hands it over. */
export interface TrackedRule {
  /** The rule's immutable id. */
  readonly id: string
  /** Its name for people: the end of its ARM id, or the immutable id. */
  readonly name: string
  readonly settings: ExtensionSettings
  /** Stream ids; absent where the rule does not ask for them. */
  readonly changeStream?: string
  readonly inventoryStream?: string
}

/** Everything that is to be tracked here, by rule, in the order of their ids: the first one counts where two disagree. */
export interface Tracking {
  readonly rules: readonly TrackedRule[]
  /** What is wrong in the rules, each with the rule's name and the place in it; the rest of them is in force. */
  readonly problems: readonly Problem[]
}

export const noTracking: Tracking = { rules: [], problems: [] }

/** Reads the agent's answer on the config socket (a JSON text with a JSON text inside). */
export function parseTracking(text: string): Parsed<Tracking> {
  const outer = parseJsonText(text)
  if (outer.kind === 'rejected') return outer
  const response = configResponse.safeParse(outer.value)
  if (!response.success) return { kind: 'rejected', problems: response.error.issues.map(problemOf) }
  const inner = parseJsonText(response.data.TaggedData)
  if (inner.kind === 'rejected') return { kind: 'rejected', problems: inner.problems.map(inTaggedData) }
  const tagged = taggedData.safeParse(inner.value)
  if (!tagged.success) return { kind: 'rejected', problems: tagged.error.issues.map(problemOf).map(inTaggedData) }
  if (!response.data.Success && tagged.data.extensionConfigurations.length === 0)
    return { kind: 'parsed', value: noTracking }
  return { kind: 'parsed', value: trackingOf(tagged.data.extensionConfigurations) }
}

/** What the configurations of all rules ask for together, in whatever order they come. */
export function trackingOf(configurations: readonly ExtensionConfiguration[]): Tracking {
  const ascending = [...configurations].sort((one, other) => (one.id < other.id ? -1 : 1))
  const problems: Problem[] = []
  const rules = ascending.map(({ id, originIds, extensionSettings, outputStreams }): TrackedRule => {
    const dcr = id.split(':')[0] ?? id
    const name = originIds[0]?.split('/').at(-1) ?? dcr
    const read = parseExtensionSettings(extensionSettings)
    problems.push(...read.problems.map((problem) => ({ ...problem, where: `${name}: ${problem.where}` })))
    const changeStream = outputStreams['CONFIG_CHANGE_BLOB_V2']
    const inventoryStream = outputStreams['CONFIG_DATA_BLOB_V2']
    return {
      id: dcr,
      name,
      settings: read.settings,
      ...(changeStream === undefined ? {} : { changeStream }),
      ...(inventoryStream === undefined ? {} : { inventoryStream }),
    }
  })
  return { rules, problems }
}

function inTaggedData(problem: Problem): Problem {
  // A place in its text, or a path in its document.
  const between = problem.where.startsWith('line ') ? ', ' : '.'
  return {
    where: problem.where === '' ? 'TaggedData' : `TaggedData${between}${problem.where}`,
    message: problem.message,
  }
}

/** Rules that ask for a type. */
export function rulesFor(tracking: Tracking, type: TrackedType): TrackedRule[] {
  return tracking.rules.filter(({ settings }) => {
    if (type === 'Files') return settings.enableFiles
    return type === 'Software' ? settings.enableSoftware : settings.enableServices
  })
}

/** How often a type is looked at: as often as the rule that asks for it most often, in milliseconds. */
export function frequencyMs(tracking: Tracking, type: TrackedType): number | undefined {
  const seconds = rulesFor(tracking, type).map(({ settings }) => {
    if (type === 'Files') return settings.fileFrequencySeconds
    return type === 'Software' ? settings.softwareFrequencySeconds : settings.serviceFrequencySeconds
  })
  return seconds.length === 0 ? undefined : Math.min(...seconds) * 1_000
}

/** How often inventory is due for a type, in milliseconds; `undefined` where no rule wants it. */
export function inventoryFrequencyMs(tracking: Tracking, type: TrackedType): number | undefined {
  const seconds = rulesFor(tracking, type)
    .filter(({ settings }) => settings.enableInventory)
    .map(({ settings }) => settings.inventoryFrequencySeconds)
  return seconds.length === 0 ? undefined : Math.min(...seconds) * 1_000
}

/** The entries in force, in the order of their rules; disabled ones are left out. */
export function fileEntries(tracking: Tracking): { readonly rule: TrackedRule; readonly entry: FileEntry }[] {
  return rulesFor(tracking, 'Files').flatMap((rule) =>
    rule.settings.files.filter(({ enabled }) => enabled).map((entry) => ({ rule, entry })),
  )
}

/** How often every file's content is read again, in milliseconds; `undefined` where no rule wants that. */
export function fullReadMs(tracking: Tracking): number | undefined {
  const seconds = rulesFor(tracking, 'Files')
    .map(({ settings }) => settings.fullReadFrequencySeconds)
    .filter((frequency) => frequency > 0)
  return seconds.length === 0 ? undefined : Math.min(...seconds) * 1_000
}

/** Whether changes of files are watched for. */
export function isWatching(tracking: Tracking): boolean {
  return rulesFor(tracking, 'Files').some(({ settings }) => settings.watchFiles)
}

/** What a scan of files may take: of several rules the least of each. */
export function scanBudget(tracking: Tracking): ScanBudget {
  const budgets = rulesFor(tracking, 'Files').map(({ settings }) => settings.scanBudget)
  const rates = budgets.map(({ bytesPerSecond }) => bytesPerSecond).filter((rate) => rate > 0)
  return {
    cpuPercent: Math.min(100, ...budgets.map(({ cpuPercent }) => cpuPercent)),
    bytesPerSecond: rates.length === 0 ? 0 : Math.min(...rates),
    nice: Math.max(0, ...budgets.map(({ nice }) => nice)),
    ioClass: budgets.some(({ ioClass }) => ioClass === 'idle') ? 'idle' : 'best-effort',
  }
}

import {
  DESTINATION_PATH_CHARS_MAX,
  EXCLUDES_MAX,
  FREQUENCY_SECONDS_MAX,
  FREQUENCY_SECONDS_MIN,
  MAX_OUTPUT_SIZE_DEFAULT,
  SOFTWARE_FOLDERS_MAX,
} from './settings.ts'

/** What every setting of a rule has, whatever it holds. */
interface SettingFacts {
  /** As it stands in the document: `fileCollectionFrequency`. */
  readonly name: string
  /** What it does, in the words of the reference; one sentence. */
  readonly meaning: string
  /** Whether it is Tidemark's own: Azure's agent ignores it. */
  readonly isOurs: boolean
}

/** A setting of a rule: what it holds, what counts where nothing is said, and what it may be. */
export type RuleSetting = SettingFacts &
  (
    | { readonly kind: 'switch'; readonly otherwise: boolean }
    /** Whole numbers from `min` to `max`. */
    | {
        readonly kind: 'seconds' | 'bytes' | 'number'
        readonly otherwise: number
        readonly min: number
        readonly max: number
      }
    /** One of some words, in any letter case. */
    | { readonly kind: 'choice'; readonly otherwise: string; readonly values: readonly string[] }
    /** `otherwise` is undefined where it must be said. */
    | {
        readonly kind: 'text' | 'path'
        readonly otherwise: string | undefined
        readonly charactersMax: number
      }
    /** Texts, one or several: patterns of paths, or folders. */
    | { readonly kind: 'patterns' | 'folders'; readonly otherwise: readonly string[]; readonly itemsMax: number }
  )

/** A part of `extensionSettings`; the one with an empty name is the document itself. */
export interface RuleSection {
  /** Its place: empty, `fileSettings`, or `fileSettings.budget`. */
  readonly place: string
  readonly settings: readonly RuleSetting[]
}

/** What a number may be at most where nothing else bounds it (JSON's safe integers). */
const NUMBER_MAX = Number.MAX_SAFE_INTEGER
const TEXT_CHARACTERS_MAX = 100_000

const onOff = (name: string, otherwise: boolean, meaning: string, isOurs = false): RuleSetting => ({
  kind: 'switch',
  name,
  otherwise,
  meaning,
  isOurs,
})
const seconds = (name: string, otherwise: number, meaning: string): RuleSetting => ({
  kind: 'seconds',
  name,
  otherwise,
  min: FREQUENCY_SECONDS_MIN,
  max: FREQUENCY_SECONDS_MAX,
  meaning,
  isOurs: false,
})
const patterns = (meaning: string): RuleSetting => ({
  kind: 'patterns',
  name: 'exclude',
  otherwise: [],
  itemsMax: EXCLUDES_MAX,
  meaning,
  isOurs: true,
})
const folders = (name: string, meaning: string): RuleSetting => ({
  kind: 'folders',
  name,
  otherwise: [],
  itemsMax: SOFTWARE_FOLDERS_MAX,
  meaning,
  isOurs: true,
})

/** Everything that `extensionSettings` may say beside its entries, part by part (docs/formats/rules.md). */
export const ruleSections: readonly RuleSection[] = [
  {
    place: '',
    settings: [
      onOff('enableFiles', true, 'Files are collected.'),
      onOff('enableSoftware', true, 'Software is collected.'),
      onOff('enableServices', true, 'Daemons are collected.'),
      onOff('enableInventory', true, 'The whole state is reported now and then, beside the changes.'),
      onOff('enableRegistry', false, 'Windows only: accepted and ignored.'),
    ],
  },
  {
    place: 'fileSettings',
    settings: [
      seconds('fileCollectionFrequency', 900, 'Seconds between two looks at files.'),
      patterns('Paths that no entry of any rule tracks; a name without “/” counts at any depth.'),
      {
        kind: 'seconds',
        name: 'fullReadFrequency',
        otherwise: 86_400,
        min: 0,
        max: FREQUENCY_SECONDS_MAX,
        meaning: 'Seconds in which each content is read again though nothing says that it changed; 0 is never.',
        isOurs: true,
      },
      onOff('watch', true, 'Changes are watched for as well as looked for on schedule.', true),
    ],
  },
  {
    place: 'fileSettings.budget',
    settings: [
      {
        kind: 'number',
        name: 'cpuPercent',
        otherwise: 50,
        min: 1,
        max: 100,
        meaning: 'Percent of one core that a scan may take.',
        isOurs: true,
      },
      {
        kind: 'bytes',
        name: 'bytesPerSecond',
        otherwise: 0,
        min: 0,
        max: NUMBER_MAX,
        meaning: 'Bytes that a scan reads in a second; 0 is as many as there are.',
        isOurs: true,
      },
      {
        kind: 'number',
        name: 'nice',
        otherwise: 10,
        min: 0,
        max: 19,
        meaning: 'How far a scan stands back for other programs (nice(2)).',
        isOurs: true,
      },
      {
        kind: 'choice',
        name: 'ioClass',
        otherwise: 'idle',
        values: ['idle', 'best-effort'],
        meaning: 'Whether its reads wait for everybody else’s (ioprio_set(2)).',
        isOurs: true,
      },
    ],
  },
  {
    place: 'softwareSettings',
    settings: [
      seconds('softwareCollectionFrequency', 300, 'Seconds between two looks at packages.'),
      onOff('watch', true, 'A finished transaction of a package manager is looked at at once.', true),
      onOff('pip', false, 'Python packages that pip installed for everybody are software.', true),
      folders('pipFolders', 'Absolute paths of further folders with Python packages.'),
      onOff('npm', false, 'npm’s global packages are software.', true),
      folders('npmFolders', 'Absolute paths of further folders with npm packages.'),
    ],
  },
  {
    place: 'servicesSettings',
    settings: [
      seconds('serviceCollectionFrequency', 300, 'Seconds between two looks at daemons.'),
      onOff('timers', false, 'Timers are collected beside services, where systemd runs.', true),
      onOff('sockets', false, 'Sockets are collected beside services, where systemd runs.', true),
    ],
  },
  {
    place: 'inventorySettings',
    settings: [seconds('inventoryCollectionFrequency', 36_000, 'Seconds between two inventories.')],
  },
]

const text = (name: string, otherwise: string | undefined, meaning: string): RuleSetting => ({
  kind: 'text',
  name,
  otherwise,
  charactersMax: TEXT_CHARACTERS_MAX,
  meaning,
  isOurs: false,
})
const choice = (name: string, values: readonly string[], meaning: string): RuleSetting => ({
  kind: 'choice',
  name,
  otherwise: values[0] ?? '',
  values,
  meaning,
  isOurs: false,
})
const bytes = (name: string, otherwise: number, meaning: string): RuleSetting => ({
  kind: 'bytes',
  name,
  otherwise,
  min: 0,
  max: NUMBER_MAX,
  meaning,
  isOurs: false,
})

/** Everything that an entry of `fileSettings.fileInfo` may say. */
export const entrySettings: readonly RuleSetting[] = [
  text('name', undefined, 'Friendly name.'),
  onOff('enabled', true, 'An entry that is not tracks nothing.'),
  {
    kind: 'path',
    name: 'destinationPath',
    otherwise: undefined,
    charactersMax: DESTINATION_PATH_CHARS_MAX,
    meaning: 'Absolute path, with wildcards in any of its names: /etc/*.conf.',
    isOurs: false,
  },
  onOff('recurse', true, 'Into subfolders: the last name is looked for in all folders below, too.'),
  choice('pathType', ['File', 'Folder'], 'Folder: a path with wildcards means folders, and everything in them.'),
  choice('type', ['File', 'Directory', '*'], 'File is everything but folders; Directory; * is both.'),
  choice(
    'links',
    ['Follow', 'Manage', 'Ignore'],
    'Follow takes what a symbolic link leads to; Manage records the link itself; Ignore leaves both out.',
  ),
  choice(
    'checksum',
    ['sha256', 'md5', 'mtime', 'ctime'],
    'How contents are compared; mtime and ctime read no content.',
  ),
  patterns('Paths that this entry does not track; a name without “/” counts at any depth.'),
  onOff('uploadContent', false, 'The content of each version is kept, so that two versions can be shown side by side.'),
  bytes('maxContentsReturnable', 5_000_000, 'Bytes of content that are kept at most.'),
  bytes('maxOutputSize', MAX_OUTPUT_SIZE_DEFAULT, 'Bytes of output at most; 0 is the default.'),
  onOff('useSudo', true, 'Read what only root may read.'),
  text('groupTag', 'Recommended', 'Free grouping.'),
  text('description', '', 'For people.'),
]

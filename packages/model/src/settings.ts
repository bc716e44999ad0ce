import type { Problem } from '@tidemark/base'
import { z } from 'zod'

import { pathText } from './json-path.ts'

/** What one rule asks of change tracking: `extensionSettings`, checked, with every default filled in. */
export interface ExtensionSettings {
  readonly enableFiles: boolean
  readonly enableSoftware: boolean
  readonly enableServices: boolean
  readonly enableInventory: boolean
  readonly fileFrequencySeconds: number
  readonly softwareFrequencySeconds: number
  readonly serviceFrequencySeconds: number
  readonly inventoryFrequencySeconds: number
  /** Whether timers and sockets are collected beside services (ours). */
  readonly collectTimers: boolean
  readonly collectSockets: boolean
  /** The entries of `fileInfo`, disabled ones included, in their order. */
  readonly files: readonly FileEntry[]
  /** Patterns of paths that are not tracked whatever an entry says (ours). They have the last word over all rules. */
  readonly fileExcludes: readonly string[]
  /** How often every file's content is read again though nothing says that it changed (ours); 0 means never. */
  readonly fullReadFrequencySeconds: number
  /** Whether changes are watched for, not only looked for on schedule (ours). */
  readonly watchFiles: boolean
  /** Whether a finished transaction of a package manager is looked at at once (ours). */
  readonly watchSoftware: boolean
  /** Whether Python packages that pip installed for everybody are software (ours). */
  readonly softwarePip: boolean
  /** Absolute paths of further folders with Python packages (ours). */
  readonly softwarePipFolders: readonly string[]
  /** Whether npm's global packages are software (ours). */
  readonly softwareNpm: boolean
  /** Absolute paths of further folders with npm packages (ours). */
  readonly softwareNpmFolders: readonly string[]
  /** How much a scan may take of its machine (ours). */
  readonly scanBudget: ScanBudget
}

/** What a scan of files may take. Of several rules, the least of each counts. */
export interface ScanBudget {
  /** Percent of one core, 1 to 100. */
  readonly cpuPercent: number
  /** Bytes read in a second; 0 means as many as there are. */
  readonly bytesPerSecond: number
  /** nice(2) of the scanning threads, 0 to 19. */
  readonly nice: number
  /** Scheduling class for reads (ioprio_set(2)): `idle` waits for everybody else. */
  readonly ioClass: 'idle' | 'best-effort'
}

/** One entry of `fileSettings.fileInfo`. The pattern's dialects are resolved where files are matched. */
export interface FileEntry {
  readonly name: string
  readonly enabled: boolean
  /** Absolute path with wildcards, as written: `/etc/*.conf` or `/etc/.*.conf`. */
  readonly destinationPath: string
  readonly useSudo: boolean
  readonly recurse: boolean
  readonly pathType: 'File' | 'Folder'
  readonly type: 'File' | 'Directory' | '*'
  readonly links: 'Ignore' | 'Follow' | 'Manage'
  /** Bytes of content at most. */
  readonly maxContentsReturnable: number
  /** Bytes of output at most. */
  readonly maxOutputSize: number
  readonly checksum: 'sha256' | 'md5' | 'mtime' | 'ctime'
  readonly uploadContent: boolean
  readonly groupTag: string
  readonly description: string
  /** Patterns of paths that this entry does not ask for, though its `destinationPath` does (ours). */
  readonly exclude: readonly string[]
}

/** The least that a frequency may be, in seconds. */
export const FREQUENCY_SECONDS_MIN = 1
/** The most that a frequency may be: a year, in seconds. */
export const FREQUENCY_SECONDS_MAX = 31_536_000
/** Entries of `fileInfo` in one rule at most. */
export const FILE_ENTRIES_MAX = 1_000
/** Characters in one `destinationPath` at most (PATH_MAX of Linux). */
export const DESTINATION_PATH_CHARS_MAX = 4_096
/** Patterns in one `exclude` at most. */
export const EXCLUDES_MAX = 1_000
/** Folders in one `pipFolders` or `npmFolders` at most. */
export const SOFTWARE_FOLDERS_MAX = 100
/** `maxOutputSize` where a rule says 0 or nothing. */
export const MAX_OUTPUT_SIZE_DEFAULT = 500_000

const frequency = z.number().int().min(FREQUENCY_SECONDS_MIN).max(FREQUENCY_SECONDS_MAX)

const excludes = z
  .union([z.string(), z.array(z.string())])
  .transform((patterns) => (typeof patterns === 'string' ? [patterns] : patterns))
  .pipe(
    z
      .array(
        z
          .string()
          .min(1, 'may not be empty')
          .max(DESTINATION_PATH_CHARS_MAX)
          .refine((pattern) => !pattern.includes('\0'), 'may not contain NUL')
          .refine(
            (pattern) => pattern.startsWith('/') || !pattern.includes('/'),
            'must be an absolute path, beginning with "/", or a name without "/"',
          ),
      )
      .max(EXCLUDES_MAX),
  )
  .default([])

const softwareFolders = z
  .array(
    z
      .string()
      .max(DESTINATION_PATH_CHARS_MAX)
      .refine((path) => path.startsWith('/'), 'must be an absolute path, beginning with "/"')
      .refine((path) => !path.includes('\0'), 'may not contain NUL')
      .transform((path) => path.replace(/\/+$/, '')),
  )
  .max(SOFTWARE_FOLDERS_MAX)
  .default([])

const softwareSettings = z
  .looseObject({
    softwareCollectionFrequency: frequency.default(300),
    watch: z.boolean().default(true),
    pip: z.boolean().default(false),
    pipFolders: softwareFolders,
    npm: z.boolean().default(false),
    npmFolders: softwareFolders,
  })
  .prefault({})

const scanBudget = z
  .looseObject({
    cpuPercent: z.number().int().min(1).max(100).default(50),
    bytesPerSecond: z.number().int().min(0).default(0),
    nice: z.number().int().min(0).max(19).default(10),
    ioClass: oneOf({ idle: 'idle', 'best-effort': 'best-effort' }, 'idle'),
  })
  .prefault({})

const settingsDocument = z.looseObject({
  enableFiles: z.boolean().default(true),
  enableSoftware: z.boolean().default(true),
  enableServices: z.boolean().default(true),
  enableInventory: z.boolean().default(true),
  enableRegistry: z.boolean().default(false),
  fileSettings: z
    .looseObject({
      fileCollectionFrequency: frequency.default(900),
      fileInfo: z.array(z.unknown()).default([]),
      exclude: excludes,
      fullReadFrequency: z.number().int().min(0).max(FREQUENCY_SECONDS_MAX).default(86_400),
      watch: z.boolean().default(true),
      budget: scanBudget,
    })
    .prefault({}),
  softwareSettings,
  servicesSettings: z
    .looseObject({
      serviceCollectionFrequency: frequency.default(300),
      timers: z.boolean().default(false),
      sockets: z.boolean().default(false),
    })
    .prefault({}),
  inventorySettings: z.looseObject({ inventoryCollectionFrequency: frequency.default(36_000) }).prefault({}),
})

const fileEntry = z.looseObject({
  name: z.string().min(1),
  enabled: z.boolean().default(true),
  destinationPath: z
    .string()
    .max(DESTINATION_PATH_CHARS_MAX)
    .startsWith('/', 'must be an absolute path, beginning with "/"')
    .refine((path) => !path.includes('\0'), 'may not contain NUL'),
  useSudo: z.boolean().default(true),
  recurse: z.boolean().default(true),
  pathType: oneOf({ file: 'File', folder: 'Folder', directory: 'Folder' }, 'File'),
  type: oneOf({ file: 'File', directory: 'Directory', folder: 'Directory', '*': '*' }, 'File'),
  links: oneOf({ ignore: 'Ignore', follow: 'Follow', manage: 'Manage' }, 'Follow'),
  maxContentsReturnable: z.number().int().min(0).default(5_000_000),
  maxOutputSize: z
    .number()
    .int()
    .min(0)
    .default(MAX_OUTPUT_SIZE_DEFAULT)
    .transform((bytes) => bytes || MAX_OUTPUT_SIZE_DEFAULT),
  checksum: oneOf({ sha256: 'sha256', md5: 'md5', mtime: 'mtime', ctime: 'ctime' }, 'sha256'),
  uploadContent: z.boolean().default(false),
  groupTag: z.string().default('Recommended'),
  description: z.string().default(''),
  exclude: excludes,
})

/** An entry with the defaults of everything that is not said. Throws where the path is none that an entry may have. */
export function fileEntryFor(destinationPath: string, more: Partial<FileEntry> = {}): FileEntry {
  return { ...fileEntry.parse({ name: destinationPath, destinationPath }), ...more }
}

/**
 * Reads `extensionSettings`. Total: what is wrong is named with its JSON path, and everything else goes on with its
 * value or its default: a broken entry of `fileInfo` is left out, a broken section falls back to its defaults.
 */
export function parseExtensionSettings(document: unknown): { settings: ExtensionSettings; problems: Problem[] } {
  const problems: Problem[] = []
  const read = settingsDocument.safeParse(document)
  if (!read.success)
    problems.push(...read.error.issues.map((issue) => ({ where: pathText(issue.path), message: issue.message })))
  const top = read.success ? read.data : settingsDocument.parse(withoutBroken(document, read.error.issues))
  const files = readEntries(top.fileSettings.fileInfo, problems)
  return {
    settings: {
      enableFiles: top.enableFiles,
      enableSoftware: top.enableSoftware,
      enableServices: top.enableServices,
      enableInventory: top.enableInventory,
      fileFrequencySeconds: top.fileSettings.fileCollectionFrequency,
      softwareFrequencySeconds: top.softwareSettings.softwareCollectionFrequency,
      serviceFrequencySeconds: top.servicesSettings.serviceCollectionFrequency,
      inventoryFrequencySeconds: top.inventorySettings.inventoryCollectionFrequency,
      collectTimers: top.servicesSettings.timers,
      collectSockets: top.servicesSettings.sockets,
      files,
      fileExcludes: top.fileSettings.exclude,
      fullReadFrequencySeconds: top.fileSettings.fullReadFrequency,
      watchFiles: top.fileSettings.watch,
      watchSoftware: top.softwareSettings.watch,
      softwarePip: top.softwareSettings.pip,
      softwarePipFolders: top.softwareSettings.pipFolders,
      softwareNpm: top.softwareSettings.npm,
      softwareNpmFolders: top.softwareSettings.npmFolders,
      scanBudget: top.fileSettings.budget,
    },
    problems,
  }
}

function readEntries(entries: readonly unknown[], problems: Problem[]): FileEntry[] {
  if (entries.length > FILE_ENTRIES_MAX) {
    problems.push({
      where: 'fileSettings.fileInfo',
      message: `has ${entries.length} entries; only the first ${FILE_ENTRIES_MAX} are used`,
    })
  }
  return entries.slice(0, FILE_ENTRIES_MAX).flatMap((entry, index) => {
    const read = fileEntry.safeParse(entry)
    if (read.success) return [read.data]
    problems.push(
      ...read.error.issues.map((issue) => ({
        where: pathText(['fileSettings', 'fileInfo', index, ...issue.path]),
        message: issue.message,
      })),
    )
    return []
  })
}

/** A choice of words in any letter case, told in the one way that the code uses. */
function oneOf<const T extends string>(words: Readonly<Record<string, T>>, otherwise: T) {
  return z
    .string()
    .transform((text, context): T => {
      const word = words[text.toLowerCase()]
      if (word !== undefined && Object.hasOwn(words, text.toLowerCase())) return word
      context.addIssue({
        code: 'custom',
        message: `"${text}" is none of ${[...new Set(Object.values<string>(words))].join(', ')}`,
      })
      return z.NEVER
    })
    .prefault(otherwise)
}

/** The document without the settings that zod found broken, so that the rest can be read. */
function withoutBroken(document: unknown, issues: readonly { readonly path: readonly PropertyKey[] }[]): unknown {
  if (!isRecord(document)) return {}
  const copy: Record<string, unknown> = { ...document }
  for (const { path } of issues) {
    const [section, setting] = path
    if (typeof section !== 'string') return {}
    const inner = copy[section]
    if (typeof setting === 'string' && isRecord(inner)) {
      const { [setting]: _broken, ...rest } = inner
      copy[section] = rest
    } else delete copy[section]
  }
  return copy
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

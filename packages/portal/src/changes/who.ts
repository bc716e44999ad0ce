import type { AnswerRow } from '../api/answer-row.ts'
import { parsedJson } from '../view/values.ts'

/** A process as a record tells of it; what is not known is empty. */
export interface ToldProcess {
  readonly pid: string
  readonly executable: string
  readonly commandLine: string
  readonly account: string
}

/** How sure it is who did it, as `InitiatingProcessCertainty` says it. */
export const certainties = ['captured', 'inferred', 'unknown'] as const
export type Certainty = (typeof certainties)[number]

/** A process that touched a file; what is not known is empty. */
export interface Actor extends ToldProcess {
  /** The account that logged in, which differs from `account` after `sudo`. */
  readonly login: string
  readonly session: string
  readonly container: string
  readonly unit: string
  readonly certainty: Certainty
  readonly note: string
}

/** Who made a change. */
export interface Who extends Actor {
  /** When the event came, ISO 8601. */
  readonly observedAt: string
  /** From init down to the process's parent, at most `PROCESSES_MAX`, those nearest to the process. */
  readonly parents: readonly ToldProcess[]
  /** Further processes that touched the file between two looks, at most `PROCESSES_MAX`. */
  readonly others: readonly Actor[]
}

/** Processes that are shown in one list. */
export const PROCESSES_MAX = 64

/** Who made the change; undefined where nothing at all is known: `whyUnknown` says why. */
export function whoOf(row: AnswerRow): Who | undefined {
  const cell = (name: string): string => textOf(row[`InitiatingProcess${name}`])
  const others = listIn(cell('Others')).map(actorIn)
  const process: ToldProcess = {
    pid: cell('Id'),
    executable: cell('FolderPath'),
    commandLine: cell('CommandLine'),
    account: cell('AccountName'),
  }
  const login = cell('LoginName')
  if (others.length === 0 && login === '' && Object.values(process).every((text) => text === '')) return undefined
  return {
    ...process,
    login,
    session: cell('SessionId'),
    container: cell('ContainerId'),
    unit: cell('Unit'),
    observedAt: textOf(row['TimeObserved']),
    certainty: certaintyIn(cell('Certainty')),
    note: cell('Note'),
    parents: listIn(cell('Tree')).map(processIn).toReversed(),
    others,
  }
}

/** One sentence: why nothing is known of who made the change. */
export function whyUnknown(row: AnswerRow): string {
  const note = textOf(row['InitiatingProcessNote'])
  if (note !== '') return note
  if (row['ConfigChangeType'] !== 'Files') return 'Who did it is recorded for files only.'
  if (row['DetectedBy'] === 'watch') return 'The watch saw that something happened, but not who did it.'
  if (row['DetectedBy'] === 'scan') return 'Found by the scheduled scan: nobody was watching at that moment.'
  return 'Its record tells nothing about it.'
}

/** The account in words: `root, logged in as alice`. */
export function accountText({ account, login }: Pick<Actor, 'account' | 'login'>): string {
  if (login === '' || login === account) return account
  return account === '' ? `logged in as ${login}` : `${account}, logged in as ${login}`
}

/** The file's name alone, without its folders. */
export function programName(executable: string): string {
  return executable.slice(executable.lastIndexOf('/') + 1)
}

/** Who made the change in a few words: `root · vim`. Empty where that is not known. */
export function whoSummary(row: AnswerRow): string {
  const account = textOf(row['InitiatingProcessAccountName'])
  const program = programName(textOf(row['InitiatingProcessFolderPath']))
  return [account, program].filter((text) => text !== '').join(' · ')
}

/** A value of a process in a JSON list, by its name there; empty for what is neither text nor number. */
type Told = (name: string) => string

function listIn(json: string): Told[] {
  const list = parsedJson(json)
  return Array.isArray(list) ? list.slice(0, PROCESSES_MAX).filter(isFilled).map(toldBy) : []
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function toldBy(value: object): Told {
  const told = new Map<string, unknown>(Object.entries(value))
  return (name) => textOf(told.get(name))
}

function processIn(told: Told): ToldProcess {
  return { pid: told('pid'), executable: told('exe'), commandLine: told('commandLine'), account: told('account') }
}

function actorIn(told: Told): Actor {
  return {
    ...processIn(told),
    login: told('login'),
    session: told('sessionId'),
    container: told('containerId'),
    unit: told('unit'),
    certainty: certaintyIn(told('certainty')),
    note: told('note'),
  }
}

function certaintyIn(text: string): Certainty {
  return certainties.find((word) => word === text) ?? 'unknown'
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

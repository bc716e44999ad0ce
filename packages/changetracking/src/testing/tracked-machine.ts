import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { type Clock, systemClock } from '@tidemark/base'
import { type ExtensionSettings, parseExtensionSettings, type Row } from '@tidemark/model'

import type { Tracking } from '../config/tracking.ts'
import { FilesKeeper, type LookKind, type ScanTotals } from '../files/files-keeper.ts'
import type { Findings, FindingsLimits } from '../files/scan/findings.ts'
import { ownerNames } from '../files/scan/owner-names.ts'
import { Readers } from '../files/scan/readers.ts'
import { scan } from '../files/scan/scan.ts'
import { ownerTexts } from '../host/owner-texts.ts'
import { State } from '../state/state.ts'

/** What a rule says in a test: its entries as they are written, and more of `fileSettings` where a test needs it. */
export interface WrittenRule {
  readonly name?: string
  readonly fileInfo: readonly Readonly<Record<string, unknown>>[]
  readonly settings?: Readonly<Record<string, unknown>>
}

/** How one look is made to go wrong. */
export interface LookTrouble {
  /** Ends in this pause (1 is the first), as a stop does. */
  readonly pause?: number
  /** Throws at this part (1 is the first). */
  readonly part?: number
  /** Whether that part was kept before. */
  readonly isKept?: boolean
}

/** What one look came to. `isDone`: it went to its end. */
export interface Looked {
  readonly rows: readonly Row[]
  readonly changes: readonly Row[]
  readonly visibility: readonly Row[]
  readonly isDone: boolean
  readonly totals: ScanTotals | undefined
  readonly parts: readonly Findings[]
  /** Paths of which something was kept. */
  readonly kept: ReadonlySet<string>
  readonly readFiles: number
}

/** A state on a disk in memory, rules that may change, and looks at files by them, in this thread. */
export class TrackedMachine implements Disposable {
  readonly #folder = mkdtempSync(join('/dev/shm', 'tidemark-state-'))
  readonly statePath = join(this.#folder, 'state.db')
  readonly clock: Clock
  state: State
  tracking: Tracking = { rules: [], problems: [] }
  passwd: string
  limits: FindingsLimits | undefined

  constructor(clock: Clock = systemClock) {
    this.clock = clock
    this.passwd = ownerTexts().passwd
    this.state = State.open(this.statePath, clock.nowMs())
  }

  /** Puts these rules in force. */
  rules(...written: readonly WrittenRule[]): this {
    this.tracking = {
      problems: [],
      rules: written.map(({ name, fileInfo, settings }, index) => ({
        id: `dcr-${index}`,
        name: name ?? `rule-${index}`,
        settings: settingsOf(fileInfo, settings),
        changeStream: `changes-${index}`,
        inventoryStream: `inventory-${index}`,
      })),
    }
    return this
  }

  /** Puts one rule with these entries in force. */
  entries(...fileInfo: readonly Readonly<Record<string, unknown>>[]): this {
    return this.rules({ fileInfo })
  }

  look(look: LookKind = { kind: 'changed' }, trouble: LookTrouble = {}): Looked {
    const { state, tracking, clock } = this
    const machine = { computer: 'c', sourceComputerId: 's', vmUuid: 'v' }
    const keeper = new FilesKeeper({ state, tracking, machine, clock }, look)
    const owners = ownerNames(this.passwd, ownerTexts().group)
    const parts: Findings[] = []
    const kept = new Set<string>()
    const keep = (findings: Findings): void => {
      parts.push(findings)
      const isTrouble = parts.length === trouble.part
      if (!isTrouble || trouble.isKept === true) {
        keeper.keep(findings)
        for (const { path } of findings.updates) kept.add(path)
      }
      if (isTrouble) throw new Trouble('stopped at a part')
    }
    using known = state.knownFiles()
    using readers = new Readers({
      count: 0,
      nice: 0,
      ioClass: 'idle',
      circumstances: { nowMs: () => clock.nowMs(), owners },
    })
    const { limits } = this
    let totals: ScanTotals | undefined
    let readFiles = 0
    try {
      const steps = scan(keeper.job, { known, readers, owners, keep, ...(limits && { limits }) })
      let step = steps.next()
      for (let pause = 1; step.done !== true; pause += 1, step = steps.next())
        if (pause === trouble.pause) throw new Trouble('stopped in a pause')
      const { counts, ...rest } = step.value
      readFiles = counts.total.readFiles
      totals = { ...rest, ownersHash: owners.hash }
      keeper.finish(totals)
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
    }
    const rows = this.takeOutbox()
    const changes = rows.filter((row) => row['Type'] !== 'TidemarkContent' && 'ChangeCategory' in row)
    const visibility = rows.filter((row) => 'Reason' in row)
    return { rows, changes, visibility, isDone: totals !== undefined, totals, parts, kept, readFiles }
  }

  /** Opens the state again, as after a crash or a restart. */
  restart(): void {
    this.state[Symbol.dispose]()
    this.state = State.open(this.statePath, this.clock.nowMs())
  }

  /** Everything that waits for the agent, which takes it. */
  takeOutbox(): Row[] {
    const entries = this.state.waiting({ countMax: Infinity, bytesMax: Infinity })
    this.state.handedOver(entries.map(({ key }) => key))
    return entries.flatMap(({ rows }) => rows as Row[])
  }

  [Symbol.dispose](): void {
    this.state[Symbol.dispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

class Trouble extends Error {}

function settingsOf(fileInfo: WrittenRule['fileInfo'], settings: WrittenRule['settings'] = {}): ExtensionSettings {
  const named = fileInfo.map((entry, index) => ({ name: `entry ${index}`, ...entry }))
  const read = parseExtensionSettings({ fileSettings: { fileInfo: named, ...settings } })
  if (read.problems.length > 0) throw new Error(JSON.stringify(read.problems))
  return read.settings
}

/** `Modified name (FieldsChanged)` for each change below a folder, in the order in which they were told. */
export function told(folder: string, { changes }: Pick<Looked, 'changes'>): string[] {
  const short = (path: unknown): string => String(path).replace(`${folder}/`, '')
  return changes.map((row) => {
    const category = String(row['ChangeCategory'])
    const from = row['PreviousFileSystemPath']
    const isMoved = category === 'Modified' && from !== undefined && from !== ''
    const fields = row['FieldsChanged'] ? ` (${String(row['FieldsChanged'])})` : ''
    return `${category} ${isMoved ? `${short(from)} -> ` : ''}${short(row['FileSystemPath'])}${fields}`
  })
}

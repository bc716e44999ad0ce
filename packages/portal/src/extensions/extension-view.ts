import type { MachineView } from '@tidemark/model'

import { textIn } from '../view/address.ts'
import { extensionWords as words } from '../words/extensions.ts'

/** The programs on a machine that report here. */
export const programs = ['agent', 'changeTracking'] as const
export type Program = (typeof programs)[number]

/** What the page shows, as it stands in its address. */
export interface ExtensionsSearch {
  readonly program?: Program
  readonly version?: string
  readonly text?: string
}

/** Reads the address; what cannot be understood is left out. */
export function parseExtensionsSearch(search: Readonly<Record<string, unknown>>): ExtensionsSearch {
  const program = programs.find((one) => one === search['program'])
  const [version, text] = [textIn(search['version']), textIn(search['text'])]
  return {
    ...(program === undefined ? {} : { program }),
    ...(version === undefined ? {} : { version }),
    ...(text === undefined ? {} : { text }),
  }
}

/** One program on one machine. */
export interface ExtensionLine {
  readonly machine: MachineView
  readonly program: Program
  readonly version: string
  /** What it says of itself, else what its heartbeats say. */
  readonly state: string
}

/** A line for each program of each machine, in the order of the machines: silent ones first. */
export function linesOf(machines: readonly MachineView[]): ExtensionLine[] {
  return machines.flatMap((machine): ExtensionLine[] => {
    const { agentVersion, extensionVersion, extensionStatus, status, statusDetail } = machine
    const isQuiet = status === 'silent' || status === 'new'
    const agentState = isQuiet ? [status, statusDetail].filter(Boolean).join(': ') : words.reports
    return [
      { machine, program: 'agent', version: agentVersion, state: agentState },
      { machine, program: 'changeTracking', version: extensionVersion, state: extensionStatus },
    ]
  })
}

/** The lines that the filters let through. */
export function matchingLines(
  lines: readonly ExtensionLine[],
  { program, version, text }: ExtensionsSearch,
): readonly ExtensionLine[] {
  const wanted = text?.toLowerCase() ?? ''
  return lines.filter(
    (line) =>
      (program === undefined || line.program === program) &&
      (version === undefined || line.version === version) &&
      `${line.machine.computer}\n${line.version}\n${line.state}`.toLowerCase().includes(wanted),
  )
}

/** How many machines have each version of a program, the most frequent first. */
export function versionsOf(
  lines: readonly ExtensionLine[],
  program: Program,
): { readonly version: string; readonly count: number }[] {
  const counts = new Map<string, number>()
  for (const line of lines) if (line.program === program) counts.set(line.version, (counts.get(line.version) ?? 0) + 1)
  return [...counts]
    .map(([version, count]) => ({ version, count }))
    .sort((one, other) => other.count - one.count || (one.version < other.version ? -1 : 1))
}

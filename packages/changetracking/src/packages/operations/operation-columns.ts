import type { Cell, OperationColumn } from '@tidemark/model'

import type { Operation, PackageStep } from './operation.ts'

/** Packages of one operation that are told; `PackageCount` counts all. */
export const PACKAGES_TOLD_MAX = 5_000

/** Columns of an operation's row; what is not known has no column. */
export function operationColumns(operation: Operation): Readonly<Partial<Record<OperationColumn, Cell>>> {
  const { id, source, startMs, endMs, commandLine, requestedBy, requestedById, packages, outcomeDetail } = operation
  return {
    OperationId: id,
    OperationSource: source,
    ...(outcomeDetail === '' ? {} : { OutcomeDetail: outcomeDetail }),
    ...(startMs === undefined ? {} : { DateStarted: new Date(startMs).toISOString() }),
    ...(endMs === undefined ? {} : { DateEnded: new Date(endMs).toISOString() }),
    ...(commandLine === undefined ? {} : { CommandLine: commandLine }),
    ...(requestedBy === undefined ? {} : { RequestedBy: requestedBy }),
    ...(requestedById === undefined ? {} : { RequestedById: requestedById }),
    Packages: JSON.stringify(packages.slice(0, PACKAGES_TOLD_MAX).map(asTold)),
    PackageCount: packages.length,
  }
}

function asTold({ name, architecture, action, from, to, isAutomatic }: PackageStep): Record<string, unknown> {
  return { name, architecture, action, from, to, automatic: isAutomatic }
}

import type { Column, Condition, Step, TwinRow } from './twin.ts'

/** The plan as KQL. */
export function planText(plan: { readonly rows: readonly TwinRow[]; readonly steps: readonly Step[] }): string {
  return [tableText(plan.rows), ...plan.steps.map(stepText)].join('\n| ')
}

function tableText(table: readonly TwinRow[]): string {
  const cells = table.flatMap(({ k, n, m }) => [JSON.stringify(k), n ?? 'long(null)', m ?? 'long(null)'])
  return `datatable (k: string, n: long, m: long) [${cells.join(', ')}]`
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'where':
      return `where ${conditionText(step.condition)}`
    case 'calculate':
      return `extend n = ${step.column} ${step.operator} ${operandText(step.value)}`
    case 'choose':
      return `extend n = iff(${conditionText(step.condition)}, n, m)`
    case 'coalesce':
      return 'extend n = coalesce(n, m)'
    case 'summarize':
      return `summarize n = ${aggregateText(step)}, m = count() by k`
    case 'top':
      return `sort by ${step.column} ${step.isAscending ? 'asc' : ''}, k asc, n, m | take ${step.count}`
    case 'distinct':
      return 'distinct k, n, m'
    case 'bin':
      return `extend n = bin(${step.column}, ${step.size})`
    case 'neighbour':
      return `${SORTED} | extend n = ${step.name}(m)`
    case 'number':
      return `${SORTED} | extend m = row_number()`
    case 'expand':
      return 'extend both = pack_array(n, m) | mv-expand both to typeof(long) | project k, n = both, m'
    case 'list':
      return `${SORTED} | summarize list = make_list(n) by k | project k, n = tolong(list[0]), m = array_length(list)`
    case 'lookup':
      return `lookup kind=leftouter (${tableText(step.rows)}) on k | project k, n, m = m1`
    case 'union':
      return `union (${tableText(step.rows)})`
    case 'join':
      return `join kind=${step.join} (${tableText(step.rows)}) on k | project ${JOINED[step.join] ?? 'k, n, m = m1'}`
  }
}

const SORTED = 'sort by k asc, n asc, m asc'

const JOINED: Readonly<Record<string, string>> = {
  rightouter: 'k = k1, n, m = m1',
  fullouter: 'k = iff(isempty(k), k1, k), n, m = m1',
  leftanti: 'k, n, m',
  leftsemi: 'k, n, m',
  rightanti: 'k, n, m',
  rightsemi: 'k, n, m',
}

function aggregateText({ aggregate, condition: of }: Extract<Step, { kind: 'summarize' }>): string {
  if (aggregate === 'count') return 'count()'
  if (aggregate === 'countif') return `countif(${conditionText(of)})`
  if (aggregate === 'dcount') return 'dcount(m)'
  return aggregate === 'sumif' ? `sumif(n, ${conditionText(of)})` : `${aggregate}(n)`
}

function operandText(value: number | Column): string {
  return typeof value === 'number' && value < 0 ? `(${value})` : String(value)
}

function conditionText(of: Condition): string {
  switch (of.kind) {
    case 'compare':
      return `${of.column} ${of.operator} ${operandText(of.value)}`
    case 'text':
      return `k ${of.operator} "${of.value}"`
    case 'isnull':
      return `isnull(${of.column})`
    case 'between':
      return `${of.column} between (${operandText(of.low)} .. ${operandText(of.high)})`
    case 'in':
      return `k ${of.isNot ? '!' : ''}in (${of.values.map((value) => JSON.stringify(value)).join(', ')})`
    case 'not':
      return `not(${conditionText(of.of)})`
    case 'and':
    case 'or':
      return `(${conditionText(of.left)} ${of.kind} ${conditionText(of.right)})`
  }
}

import fc from 'fast-check'

/** A row of the twin's tables: one text, two numbers that may be null. */
export interface TwinRow {
  readonly k: string
  readonly n: number | null
  readonly m: number | null
}

export type Column = 'n' | 'm'
type Truth = boolean | null

/** A condition; null is neither true nor false. */
export type Condition =
  | { readonly kind: 'compare'; readonly column: Column; readonly operator: string; readonly value: number | Column }
  | { readonly kind: 'text'; readonly operator: string; readonly value: string }
  | { readonly kind: 'isnull'; readonly column: Column }
  | { readonly kind: 'between'; readonly column: Column; readonly low: number; readonly high: number }
  | { readonly kind: 'in'; readonly isNot: boolean; readonly values: readonly string[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }

/** A plan is a list of steps; each takes rows of k, n and m and gives rows of k, n and m. */
export type Step =
  | { readonly kind: 'where'; readonly condition: Condition }
  | { readonly kind: 'calculate'; readonly operator: string; readonly column: Column; readonly value: number | Column }
  | { readonly kind: 'choose'; readonly condition: Condition }
  | { readonly kind: 'coalesce' }
  | { readonly kind: 'summarize'; readonly aggregate: string; readonly condition: Condition }
  | { readonly kind: 'top'; readonly column: Column; readonly isAscending: boolean; readonly count: number }
  | { readonly kind: 'distinct' }
  | { readonly kind: 'bin'; readonly column: Column; readonly size: number }
  | { readonly kind: 'neighbour'; readonly name: 'prev' | 'next' }
  | { readonly kind: 'number' }
  | { readonly kind: 'expand' }
  | { readonly kind: 'list' }
  | { readonly kind: 'lookup'; readonly rows: readonly TwinRow[] }
  | { readonly kind: 'union'; readonly rows: readonly TwinRow[] }
  | { readonly kind: 'join'; readonly join: string; readonly rows: readonly TwinRow[] }

const texts = fc.constantFrom('', 'a', 'A', 'b', 'a-b', 'ab')
const numbers = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(null))
const rows = fc.array(fc.record({ k: texts, n: numbers, m: numbers }), { maxLength: 6 })
const columns = fc.constantFrom<Column>('n', 'm')
const operands = fc.oneof(fc.integer({ min: -4, max: 4 }), columns)

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2 },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('compare' as const),
        column: columns,
        operator: fc.constantFrom('==', '!=', '<', '<=', '>', '>='),
        value: operands,
      }),
    },
    fc.record({
      kind: fc.constant('text' as const),
      operator: fc.constantFrom('==', '!=', '=~', 'has', '!has', 'contains', 'startswith_cs', 'endswith'),
      value: fc.constantFrom('a', 'b', 'A'),
    }),
    fc.record({ kind: fc.constant('isnull' as const), column: columns }),
    fc.record({
      kind: fc.constant('between' as const),
      column: columns,
      low: fc.integer({ min: -4, max: 4 }),
      high: fc.integer({ min: -4, max: 4 }),
    }),
    fc.record({
      kind: fc.constant('in' as const),
      isNot: fc.boolean(),
      values: fc.array(texts, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      left: tie('condition'),
      right: tie('condition'),
    }),
  ),
}))

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('where' as const), condition }),
  fc.record({
    kind: fc.constant('calculate' as const),
    operator: fc.constantFrom('+', '-', '*', '/', '%'),
    column: columns,
    value: operands,
  }),
  fc.record({ kind: fc.constant('choose' as const), condition }),
  fc.record({ kind: fc.constant('coalesce' as const) }),
  fc.record({
    kind: fc.constant('summarize' as const),
    aggregate: fc.constantFrom('sum', 'min', 'max', 'count', 'countif', 'dcount', 'sumif'),
    condition,
  }),
  fc.record({
    kind: fc.constant('top' as const),
    column: columns,
    isAscending: fc.boolean(),
    count: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ kind: fc.constant('distinct' as const) }),
  fc.record({ kind: fc.constant('bin' as const), column: columns, size: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('neighbour' as const), name: fc.constantFrom('prev' as const, 'next' as const) }),
  fc.record({ kind: fc.constantFrom('number' as const, 'expand' as const, 'list' as const) }),
  fc.record({ kind: fc.constant('lookup' as const), rows }),
  fc.record({ kind: fc.constant('union' as const), rows }),
  fc.record({
    kind: fc.constant('join' as const),
    join: fc.constantFrom(
      'inner',
      'leftouter',
      'rightouter',
      'fullouter',
      'leftanti',
      'leftsemi',
      'rightanti',
      'rightsemi',
    ),
    rows,
  }),
)

export const plans = fc.record({ rows, steps: fc.array(steps, { minLength: 1, maxLength: 5 }) })

/** What the plan gives, by the rules of Kusto's documents and nothing else. */
export function runPlan(plan: { readonly rows: readonly TwinRow[]; readonly steps: readonly Step[] }): TwinRow[] {
  return plan.steps.reduce<TwinRow[]>((input, step) => runStep(step, input), [...plan.rows])
}

function runStep(step: Step, input: TwinRow[]): TwinRow[] {
  switch (step.kind) {
    case 'where':
      return input.filter((row) => holds(step.condition, row) === true)
    case 'calculate':
      return input.map((row) => ({ ...row, n: calculated(step.operator, row[step.column], operand(step.value, row)) }))
    case 'choose':
      return input.map((row) => ({ ...row, n: holds(step.condition, row) === true ? row.n : row.m }))
    case 'coalesce':
      return input.map((row) => ({ ...row, n: row.n ?? row.m }))
    case 'summarize':
      return [...Map.groupBy(input, ({ k }) => k)].map(([k, group]) => ({
        k,
        n: aggregated(step, group),
        m: group.length,
      }))
    case 'top': {
      const keys = [
        [step.column, step.isAscending ? 1 : -1] as const,
        ['k', 1] as const,
        ['n', -1] as const,
        ['m', -1] as const,
      ]
      return input.toSorted((one, other) => ordered(one, other, keys)).slice(0, step.count)
    }
    case 'distinct':
      return [...new Map(input.map((row) => [JSON.stringify([row.k, row.n, row.m]), row])).values()]
    case 'bin':
      return input.map((row) => {
        const value = row[step.column]
        return { ...row, n: value === null ? null : Math.floor(value / step.size) * step.size + 0 }
      })
    case 'neighbour': {
      const all = input.toSorted((one, other) => ordered(one, other, ASCENDING))
      return all.map((row, place) => ({ ...row, n: all[place + (step.name === 'prev' ? -1 : 1)]?.m ?? null }))
    }
    case 'number':
      return input
        .toSorted((one, other) => ordered(one, other, ASCENDING))
        .map((row, place) => ({ ...row, m: place + 1 }))
    case 'expand':
      return input.flatMap(({ k, n, m }) => [n, m].map((value) => ({ k, n: value, m })))
    case 'list':
      return listed(input)
    case 'lookup':
      return joined('leftouter', input, step.rows)
    case 'union':
      return [...input, ...step.rows]
    case 'join':
      return joined(step.join, input, step.rows)
  }
}

const ASCENDING = [['k', 1] as const, ['n', 1] as const, ['m', 1] as const]

/** Lists have no nulls, and the order of the rows. */
function listed(input: readonly TwinRow[]): TwinRow[] {
  return [...Map.groupBy(input, ({ k }) => k)].map(([k, group]) => {
    const values = group.flatMap(({ n }) => (n === null ? [] : [n])).toSorted((one, other) => one - other)
    return { k, n: values[0] ?? null, m: values.length }
  })
}

/** Nulls are the smallest. */
function ordered(one: TwinRow, other: TwinRow, keys: readonly (readonly ['k' | Column, number])[]): number {
  for (const [key, direction] of keys) {
    const [left, right] = [one[key], other[key]]
    if (left === right) continue
    if (left === null) return -direction
    if (right === null) return direction
    return left < right ? -direction : direction
  }
  return 0
}

function joined(kind: string, left: readonly TwinRow[], right: readonly TwinRow[]): TwinRow[] {
  const pairs = left.flatMap((row) =>
    right.filter(({ k }) => k === row.k).map((other) => ({ k: row.k, n: row.n, m: other.m })),
  )
  const lonelyLeft = left.filter((row) => right.every(({ k }) => k !== row.k))
  const lonelyRight = right.filter((row) => left.every(({ k }) => k !== row.k))
  const paddedLeft = lonelyLeft.map(({ k, n }) => ({ k, n, m: null }))
  const paddedRight = lonelyRight.map(({ k, m }) => ({ k, n: null, m }))
  switch (kind) {
    case 'leftouter':
      return [...pairs, ...paddedLeft]
    case 'rightouter':
      return [...pairs, ...paddedRight]
    case 'fullouter':
      return [...pairs, ...paddedLeft, ...paddedRight]
    case 'leftanti':
      return lonelyLeft
    case 'rightanti':
      return lonelyRight
    case 'leftsemi':
      return left.filter((row) => !lonelyLeft.includes(row))
    case 'rightsemi':
      return right.filter((row) => !lonelyRight.includes(row))
    default:
      return pairs
  }
}

function aggregated(
  { aggregate, condition: of }: Extract<Step, { kind: 'summarize' }>,
  group: readonly TwinRow[],
): number | null {
  const present = group.flatMap(({ n }) => (n === null ? [] : [n]))
  const chosen = group.filter((row) => holds(of, row) === true)
  const total = (values: readonly TwinRow[]): number => values.reduce((all, { n }) => all + (n ?? 0), 0)
  switch (aggregate) {
    case 'sum':
      return total(group)
    case 'sumif':
      return total(chosen)
    case 'min':
      return present.length === 0 ? null : Math.min(...present)
    case 'max':
      return present.length === 0 ? null : Math.max(...present)
    case 'countif':
      return chosen.length
    case 'dcount':
      return new Set(group.flatMap(({ m }) => (m === null ? [] : [m]))).size
    default:
      return group.length
  }
}

function operand(value: number | Column, row: TwinRow): number | null {
  return typeof value === 'number' ? value : row[value]
}

function calculated(operator: string, left: number | null, right: number | null): number | null {
  if (left === null || right === null) return null
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0 ? null : Math.trunc(left / right) + 0
    default:
      return right === 0 ? null : ((left % right) + Math.abs(right)) % Math.abs(right)
  }
}

function holds(of: Condition, row: TwinRow): Truth {
  switch (of.kind) {
    case 'compare':
      return compared(of.operator, row[of.column], operand(of.value, row))
    case 'text':
      return textHolds(of.operator, row.k, of.value)
    case 'isnull':
      return row[of.column] === null
    case 'between': {
      const value = row[of.column]
      return value === null ? null : value >= of.low && value <= of.high
    }
    case 'in':
      return of.values.includes(row.k) !== of.isNot
    case 'not': {
      const inner = holds(of.of, row)
      return inner === null ? null : !inner
    }
    case 'and':
    case 'or': {
      const sides = [holds(of.left, row), holds(of.right, row)]
      const decisive = of.kind === 'or'
      if (sides.includes(decisive)) return decisive
      return sides.includes(null) ? null : !decisive
    }
  }
}

function compared(operator: string, left: number | null, right: number | null): Truth {
  if (left === null || right === null) {
    const isBoth = left === null && right === null
    return (operator === '==' || operator === '!=') && !isBoth ? operator === '!=' : null
  }
  const results: Readonly<Record<string, boolean>> = {
    '==': left === right,
    '!=': left !== right,
    '<': left < right,
    '<=': left <= right,
    '>': left > right,
    '>=': left >= right,
  }
  return results[operator] ?? null
}

function textHolds(operator: string, text: string, needle: string): boolean {
  const [lower, wanted] = [text.toLowerCase(), needle.toLowerCase()]
  const hasTerm = lower.split(/[^a-z0-9]+/).includes(wanted)
  const results: Readonly<Record<string, boolean>> = {
    '==': text === needle,
    '!=': text !== needle,
    '=~': lower === wanted,
    has: hasTerm,
    '!has': !hasTerm,
    contains: lower.includes(wanted),
    startswith_cs: text.startsWith(needle),
    endswith: lower.endsWith(wanted),
  }
  return results[operator] ?? false
}

import {
  changeCountsQuery,
  changeQuery,
  type ChangeSearch,
  countQuery,
  countsQuery,
  detailQuery,
  elsewhereQuery,
  everyMachineQuery,
  facets,
  findQuery,
  FIRST_ROWS_MAX,
  foundTypes,
  gapCountsQuery,
  gapsQuery,
  historyQuery,
  inventoryQuery,
  lastChangesQuery,
  machinesQuery,
  operationQuery,
  propertiesQuery,
  ruleVersionsQuery,
  tabNames,
} from '@tidemark/portal'

/** A query of a page, and what it is for. */
export interface Asked {
  readonly page: string
  readonly what: string
  readonly kql: string
}

/** A change and an item that are there: what people open. */
export interface Opened {
  readonly change: Readonly<Record<string, string | number | boolean | null>>
  readonly operation: string
  readonly machine: string
  readonly packageName: string
  readonly packageVersion: string
  /** That has the package. */
  readonly holder: string
}

function changesPage(name: string, search: ChangeSearch, nowMs: number): Asked[] {
  const page = `changes, ${name}`
  return [
    { page, what: 'table', kql: changeQuery(search, nowMs, FIRST_ROWS_MAX) },
    { page, what: 'chart', kql: countQuery(search, nowMs) },
    // No group is made here: each is a query of its own, and nothing is asked where there is none.
    ...facets
      .map(({ id, query }) => ({ page, what: `facet ${id}`, kql: query(search, nowMs, []) }))
      .filter(({ kql }) => kql !== ''),
  ]
}

/** Every query that the portal asks, with what people look at first and what they narrow it to. */
export function askedByPages(
  { change, operation, machine, packageName, packageVersion, holder }: Opened,
  nowMs: number,
): Asked[] {
  return [
    ...changesPage('a day', {}, nowMs),
    ...changesPage('a week', { span: '7d' }, nowMs),
    ...changesPage('30 days', { span: '30d' }, nowMs),
    ...changesPage('a day of files', { type: ['Files'] }, nowMs),
    ...changesPage('30 days of one machine', { span: '30d', machine: [machine] }, nowMs),
    ...changesPage('a day by text', { text: 'nginx' }, nowMs),
    ...changesPage('one operation', { span: '30d', operation: [operation] }, nowMs),
    { page: 'change', what: 'properties', kql: detailQuery(String(change['RecordId'])) },
    { page: 'change', what: 'history', kql: historyQuery(change) },
    { page: 'change', what: 'elsewhere', kql: elsewhereQuery(change) },
    { page: 'change', what: 'operation', kql: operationQuery([operation]) },
    ...tabNames.flatMap((tab): Asked[] => [
      { page: `inventory, ${tab}`, what: 'items', kql: inventoryQuery(tab, {}) },
      { page: `inventory, ${tab}`, what: 'items with text', kql: inventoryQuery(tab, { text: 'ssl' }) },
      { page: `inventory, ${tab}`, what: 'of one machine', kql: inventoryQuery(tab, { machine: [holder] }) },
      { page: `inventory, ${tab}`, what: 'every machine', kql: everyMachineQuery(tab) },
    ]),
    { page: 'inventory', what: 'counts', kql: countsQuery() },
    { page: 'item', what: 'machines', kql: machinesQuery('software', packageName) },
    {
      page: 'item',
      what: 'properties',
      kql: propertiesQuery('software', `${packageName}\n${packageVersion}`, holder),
    },
    { page: 'machines', what: 'gaps', kql: gapCountsQuery() },
    { page: 'machines', what: 'changes', kql: changeCountsQuery() },
    { page: 'machine', what: 'gaps', kql: gapsQuery(machine) },
    { page: 'machine', what: 'last changes', kql: lastChangesQuery(machine) },
    { page: 'machine', what: 'rules', kql: ruleVersionsQuery(machine) },
    ...foundTypes.map((type) => ({ page: 'find', what: type, kql: findQuery(type, 'ssl') })),
  ]
}

import type { QueryCell, TrackedType } from '@tidemark/model'

/** The tabs of the page. */
export const tabs = {
  software: {
    type: 'Software',
    title: 'Software',
    keys: ['SoftwareName', 'Architecture', 'CurrentVersion'],
    name: 'SoftwareName',
  },
  files: { type: 'Files', title: 'Files', keys: ['FileSystemPath'], name: 'FileSystemPath' },
  daemons: { type: 'Daemons', title: 'Linux daemons', keys: ['SvcName'], name: 'SvcName' },
} as const satisfies Readonly<
  Record<
    string,
    { readonly type: TrackedType; readonly title: string; readonly keys: readonly string[]; readonly name: string }
  >
>
export type TabName = keyof typeof tabs

/** The tabs in the order in which they stand. */
export const tabNames: readonly TabName[] = ['software', 'files', 'daemons']

export function isTabName(value: unknown): value is TabName {
  return tabNames.some((name) => name === value)
}

/** What the page shows, as it stands in its address. */
export interface InventorySearch {
  readonly tab?: TabName
  readonly machine?: string
  readonly text?: string
  /** `keyOf` the item that is open beside the table. */
  readonly item?: string
}

/** Reads the address; what cannot be understood is left out. */
export function parseInventorySearch(search: Readonly<Record<string, unknown>>): InventorySearch {
  const { tab } = search
  const text = (name: 'machine' | 'text' | 'item'): Partial<InventorySearch> => {
    const value = search[name]
    return (typeof value === 'string' || typeof value === 'number') && value !== '' ? { [name]: String(value) } : {}
  }
  return { ...(isTabName(tab) ? { tab } : {}), ...text('machine'), ...text('text'), ...text('item') }
}

/** What tells the items of a tab apart, the same from snapshot to snapshot. */
export function keyOf(tab: TabName): (row: InventoryRow) => string {
  return (row) => ['Computer', ...tabs[tab].keys].map((name) => String(row[name] ?? '')).join('\n')
}

/** The latest row of every item of every machine. */
export function inventoryQuery(tab: TabName): string {
  const { type, keys } = tabs[tab]
  return `ConfigurationData\n| where ConfigDataType == "${type}"\n| summarize arg_max(TimeGenerated, *) by Computer, ${keys.join(', ')}\n| sort by ${keys[0]} asc\n| take 100000`
}

export type InventoryRow = Readonly<Record<string, QueryCell>>

/** Only rows of each machine's last snapshot (its rows share one time): what is not in it any more is gone. */
export function latestOnly(rows: readonly InventoryRow[]): InventoryRow[] {
  const newest = new Map<string, string>()
  for (const row of rows) {
    const [machine, time] = [String(row['Computer']), String(row['TimeGenerated'])]
    if (time > (newest.get(machine) ?? '')) newest.set(machine, time)
  }
  return rows.filter((row) => row['TimeGenerated'] === newest.get(String(row['Computer'])))
}

/** Rows of a machine whose name, version, publisher, state or description has the text, whatever its case. */
export function matching(rows: readonly InventoryRow[], { machine, text }: InventorySearch): InventoryRow[] {
  const wanted = text?.toLowerCase()
  const columns = [
    'SoftwareName',
    'CurrentVersion',
    'Publisher',
    'FileSystemPath',
    'SvcName',
    'SvcDescription',
    'SvcState',
  ]
  return rows.filter(
    (row) =>
      (machine === undefined || row['Computer'] === machine) &&
      (wanted === undefined ||
        columns.some((column) =>
          String(row[column] ?? '')
            .toLowerCase()
            .includes(wanted),
        )),
  )
}

import { type InventoryRow, type TabName, tabs } from './inventory-view.ts'

/** A variant of an item, with the machines that have it. */
export interface Variant {
  /** The values of the columns that make it, a line each. */
  readonly key: string
  readonly machines: number
}

/** Who has an item, and who has it in another variant or not at all. */
export interface Spread {
  /** Those that most machines have come first. */
  readonly variants: readonly Variant[]
  readonly have: readonly { readonly computer: string; readonly refreshedAt: string }[]
  /** `instead` has the other variants, and is empty for a machine that does not have the item at all. */
  readonly lack: readonly { readonly computer: string; readonly instead: readonly string[] }[]
}

/** The variant of a row as one text. */
export function variantOf(tab: TabName, row: InventoryRow): string {
  return tabs[tab].variant.map((name) => String(row[name] ?? '')).join('\n')
}

/** Sorts the machines by whether they have this variant of an item. */
export function spreadOf(
  tab: TabName,
  wanted: string,
  { rows, everyone }: { readonly rows: readonly InventoryRow[]; readonly everyone: readonly string[] },
): Spread {
  const counts = new Map<string, Set<string>>()
  const owned = new Map<string, string[]>()
  const have: { computer: string; refreshedAt: string }[] = []
  for (const row of rows) {
    const [key, computer] = [variantOf(tab, row), String(row['Computer'])]
    const machines = counts.get(key)
    if (machines) machines.add(computer)
    else counts.set(key, new Set([computer]))
    owned.set(computer, [...(owned.get(computer) ?? []), key])
    if (key === wanted) have.push({ computer, refreshedAt: String(row['TimeGenerated']) })
  }
  const lack = everyone
    .filter((computer) => !owned.get(computer)?.includes(wanted))
    .map((computer) => ({ computer, instead: owned.get(computer) ?? [] }))
  const variants = [...counts].map(([key, machines]) => ({ key, machines: machines.size }))
  return {
    variants: variants.sort((one, other) => other.machines - one.machines || (one.key < other.key ? -1 : 1)),
    have,
    // Who has it in another variant is the more interesting.
    lack: lack.sort(
      (one, other) =>
        Number(other.instead.length > 0) - Number(one.instead.length > 0) || (one.computer < other.computer ? -1 : 1),
    ),
  }
}

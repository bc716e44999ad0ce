import { type RuleTarget, ruleTarget } from '@tidemark/model'

import type { Metadata, MetadataSession } from '../metadata/metadata.ts'
import type { KnownMachine } from './machines.ts'
import { namePattern } from './name-pattern.ts'

/** Targets of one rule at most. */
export const TARGETS_MAX = 100

/** Which machines rules are for beside those that they are associated with: all, those of a name, those of a group. */
export class RuleTargets {
  readonly #metadata: Metadata

  constructor(metadata: Metadata) {
    this.#metadata = metadata
  }

  /** `ruleId` is the ARM id in lower case. */
  async of(ruleId: string): Promise<RuleTarget[]> {
    const { build } = this.#metadata
    const question = build.selectFrom('rule_target').selectAll().where('rule_id', '=', ruleId).orderBy('kind')
    return (await this.#metadata.all(question.orderBy('value'))).flatMap(targetOf)
  }

  /** Replaces all targets of a rule. False where the rule is gone. */
  async set(ruleId: string, targets: readonly RuleTarget[]): Promise<boolean> {
    const { build } = this.#metadata
    const values = new Map(
      targets.map((target) => [JSON.stringify(target), { kind: target.kind, value: valueOf(target) }]),
    )
    return await this.#metadata.together(async (within) => {
      if (!(await within.first(build.selectFrom('rule').select('id').where('id', '=', ruleId)))) return false
      await within.run(build.deleteFrom('rule_target').where('rule_id', '=', ruleId))
      for (const value of values.values())
        await within.run(build.insertInto('rule_target').values({ rule_id: ruleId, ...value }))
      return true
    })
  }

  /** ARM ids, in lower case, of the rules whose targets take in a machine that is known here. */
  async rulesFor(resourceId: string): Promise<string[]> {
    const { build } = this.#metadata
    const rows = await this.#metadata.all(build.selectFrom('rule_target').selectAll())
    if (rows.length === 0) return []
    const key = resourceId.toLowerCase()
    const named = build.selectFrom('machine').select('computer').where('resource_key', '=', key)
    const machine = await this.#metadata.first(named)
    if (machine === undefined) return []
    const groups = rows.some(({ kind }) => kind === 'group') ? await this.#groupsOf(key) : new Set<string>()
    const found = rows.filter((row) =>
      targetOf(row).some((target) => takesIn(target, machine.computer, (group) => groups.has(group))),
    )
    return [...new Set(found.map((row) => row.rule_id))]
  }

  /** The same of all machines at once, by their ARM ids in lower case; those that no target takes in are left out. */
  async rulesByMachine(): Promise<Map<string, Set<string>>> {
    const { build } = this.#metadata
    const rows = await this.#metadata.all(build.selectFrom('rule_target').selectAll())
    if (rows.length === 0) return new Map()
    const targets = rows.flatMap((row) => targetOf(row).map((target) => ({ ruleId: row.rule_id, target })))
    const pairs = await this.#metadata.all(build.selectFrom('group_member').selectAll())
    const members = new Set(pairs.map((pair) => `${pair.group_id} ${pair.resource_key}`))
    const byMachine = new Map<string, Set<string>>()
    const known = build.selectFrom('machine').select(['resource_key', 'computer'])
    for (const { resource_key: key, computer } of await this.#metadata.all(known)) {
      const isIn = (group: string): boolean => members.has(`${group} ${key}`)
      const found = targets.filter(({ target }) => takesIn(target, computer, isIn))
      if (found.length > 0) byMachine.set(key, new Set(found.map(({ ruleId }) => ruleId)))
    }
    return byMachine
  }

  /** Those of some machines that the targets of a rule take in. */
  async machinesOf(ruleId: string, machines: readonly KnownMachine[]): Promise<KnownMachine[]> {
    const targets = await this.of(ruleId)
    if (targets.length === 0) return []
    const members = new Map<string, ReadonlySet<string>>()
    for (const target of targets)
      if (target.kind === 'group') members.set(target.group, await this.members(target.group))
    return machines.filter(({ resourceId, computer }) => {
      const isIn = (group: string): boolean => members.get(group)?.has(resourceId.toLowerCase()) === true
      return targets.some((target) => takesIn(target, computer, isIn))
    })
  }

  /** Ids of the groups that rules are for. */
  async groups(): Promise<string[]> {
    const { build } = this.#metadata
    const rows = await this.#metadata.all(build.selectFrom('rule_target').select('value').where('kind', '=', 'group'))
    return [...new Set(rows.map(({ value }) => value))]
  }

  /** ARM ids, in lower case, of the machines that were in a group when it was asked last. */
  async members(group: string, from: MetadataSession = this.#metadata): Promise<ReadonlySet<string>> {
    const question = from.build.selectFrom('group_member').select('resource_key').where('group_id', '=', group)
    return new Set((await from.all(question)).map(({ resource_key: key }) => key))
  }

  /** Keeps who is in a group; a restart, or a store that is away, does not take a rule from its machines. */
  async keepMembers(group: string, resourceIds: readonly string[]): Promise<void> {
    const after = new Set(resourceIds.map((id) => id.toLowerCase()))
    const isSame = (before: ReadonlySet<string>): boolean =>
      before.size === after.size && [...before].every((key) => after.has(key))
    if (isSame(await this.members(group))) return
    await this.#metadata.together(async (within) => {
      const { build } = within
      const before = await this.members(group, within)
      for (const key of before)
        if (!after.has(key))
          await within.run(
            build.deleteFrom('group_member').where('group_id', '=', group).where('resource_key', '=', key),
          )
      for (const key of after)
        if (!before.has(key))
          await within.run(build.insertInto('group_member').values({ group_id: group, resource_key: key }))
    })
  }

  async #groupsOf(key: string): Promise<ReadonlySet<string>> {
    const { build } = this.#metadata
    const question = build.selectFrom('group_member').select('group_id').where('resource_key', '=', key)
    return new Set((await this.#metadata.all(question)).map(({ group_id: id }) => id))
  }
}

function takesIn(target: RuleTarget, computer: string, isIn: (group: string) => boolean): boolean {
  switch (target.kind) {
    case 'all':
      return true
    case 'name':
      return namePattern(target.pattern)(computer)
    case 'group':
      return isIn(target.group)
  }
}

function valueOf(target: RuleTarget): string {
  if (target.kind === 'all') return ''
  return target.kind === 'name' ? target.pattern : target.group
}

function targetOf({ kind, value }: { readonly kind: string; readonly value: string }): RuleTarget[] {
  const named = kind === 'name' ? { kind, pattern: value } : { kind, group: value }
  const read = ruleTarget.safeParse(kind === 'all' ? { kind } : named)
  return read.success ? [read.data] : []
}

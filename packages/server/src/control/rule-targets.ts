import { type RuleTarget, ruleTarget } from '@tidemark/model'

import type { Metadata } from '../metadata/metadata.ts'
import type { KnownMachine } from './machines.ts'
import { namePattern } from './name-pattern.ts'

/** Targets of one rule at most. */
export const TARGETS_MAX = 100

/** A machine as targets know it. */
export type TargetMachine = Pick<KnownMachine, 'resourceId' | 'computer'>

/** Which machines rules are for beside those that they are associated with: all, those of a name, those of a group. */
export class RuleTargets {
  readonly #metadata: Metadata

  constructor(metadata: Metadata) {
    this.#metadata = metadata
  }

  /** `ruleId` is the ARM id in lower case. */
  of(ruleId: string): RuleTarget[] {
    const { build } = this.#metadata
    const question = build.selectFrom('rule_target').selectAll().where('rule_id', '=', ruleId).orderBy('kind')
    return this.#metadata.all(question.orderBy('value')).flatMap(targetOf)
  }

  /** Replaces all targets of a rule. */
  set(ruleId: string, targets: readonly RuleTarget[]): void {
    const { build } = this.#metadata
    const values = new Map(
      targets.map((target) => [JSON.stringify(target), { kind: target.kind, value: valueOf(target) }]),
    )
    this.#metadata.together(() => {
      this.#metadata.run(build.deleteFrom('rule_target').where('rule_id', '=', ruleId))
      for (const value of values.values())
        this.#metadata.run(build.insertInto('rule_target').values({ rule_id: ruleId, ...value }))
    })
  }

  /** ARM ids, in lower case, of the rules whose targets take in a machine. */
  rulesFor(machine: TargetMachine): string[] {
    const rows = this.#metadata.all(this.#metadata.build.selectFrom('rule_target').selectAll())
    const groups = rows.some(({ kind }) => kind === 'group') ? this.#groupsOf(machine) : new Set<string>()
    return rows.flatMap((row) => {
      const [target] = targetOf(row)
      return target !== undefined && takesIn(target, machine, (group) => groups.has(group)) ? [row.rule_id] : []
    })
  }

  /** Those of some machines that the targets of a rule take in. */
  machinesOf(ruleId: string, machines: readonly KnownMachine[]): KnownMachine[] {
    const targets = this.of(ruleId)
    if (targets.length === 0) return []
    const members = new Map(
      targets.flatMap((target) => (target.kind === 'group' ? [[target.group, this.members(target.group)]] : [])),
    )
    return machines.filter((machine) => {
      const isIn = (group: string): boolean => members.get(group)?.has(machine.resourceId.toLowerCase()) === true
      return targets.some((target) => takesIn(target, machine, isIn))
    })
  }

  /** Ids of the groups that rules are for. */
  groups(): string[] {
    const { build } = this.#metadata
    const rows = this.#metadata.all(build.selectFrom('rule_target').select('value').where('kind', '=', 'group'))
    return [...new Set(rows.map(({ value }) => value))]
  }

  /** ARM ids, in lower case, of the machines that were in a group when it was asked last. */
  members(group: string): ReadonlySet<string> {
    const { build } = this.#metadata
    const question = build.selectFrom('group_member').select('resource_key').where('group_id', '=', group)
    return new Set(this.#metadata.all(question).map(({ resource_key: key }) => key))
  }

  /** Keeps who is in a group; a restart, or a store that is away, does not take a rule from its machines. */
  keepMembers(group: string, resourceIds: readonly string[]): void {
    const { build } = this.#metadata
    const [before, after] = [this.members(group), new Set(resourceIds.map((id) => id.toLowerCase()))]
    const gone = [...before].filter((key) => !after.has(key))
    const come = [...after].filter((key) => !before.has(key))
    if (gone.length + come.length === 0) return
    this.#metadata.together(() => {
      for (const key of gone)
        this.#metadata.run(
          build.deleteFrom('group_member').where('group_id', '=', group).where('resource_key', '=', key),
        )
      for (const key of come)
        this.#metadata.run(build.insertInto('group_member').values({ group_id: group, resource_key: key }))
    })
  }

  #groupsOf({ resourceId }: TargetMachine): ReadonlySet<string> {
    const { build } = this.#metadata
    const key = resourceId.toLowerCase()
    const question = build.selectFrom('group_member').select('group_id').where('resource_key', '=', key)
    return new Set(this.#metadata.all(question).map(({ group_id: id }) => id))
  }
}

function takesIn(target: RuleTarget, { computer }: TargetMachine, isIn: (group: string) => boolean): boolean {
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

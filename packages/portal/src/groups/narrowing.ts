import { groupFunctionKql, type MachineGroupView, membersKql } from '@tidemark/model'

/** The name under which the group of this place, from 0, stands in queries. */
export function functionOf(index: number): string {
  return `MachineGroup${index + 1}`
}

/** A condition that holds of machines of the group of this place, as `withGroups` defines it. */
export function groupCondition(index: number): string {
  return `Computer in ((${membersKql(functionOf(index))}))`
}

/** The step that lets through rows of machines of any of the groups; none where none is chosen. */
export function groupSteps(names: readonly string[] | undefined): string[] {
  return names === undefined || names.length === 0
    ? []
    : [`where ${names.map((_, index) => groupCondition(index)).join(' or ')}`]
}

/** The group that a name means: names are told whatever their case, and ids are taken too. */
export function groupNamed(groups: readonly MachineGroupView[], name: string): MachineGroupView | undefined {
  return groups.find((one) => one.id === name) ?? groups.find((one) => one.name.toLowerCase() === name.toLowerCase())
}

/** A query with the functions before it that `groupSteps` calls. Throws for a group that is not there any more. */
export function withGroups(
  kql: string,
  names: readonly string[] | undefined,
  groups: readonly MachineGroupView[],
): string {
  const functions = (names ?? []).map((name, index) => {
    const group = groupNamed(groups, name)
    if (group === undefined) throw new GroupMissing(name)
    return groupFunctionKql(functionOf(index), group.query)
  })
  return [...functions, kql].join('\n')
}

/** The address names a machine group that nobody has, or has any more. */
export class GroupMissing extends Error {
  override readonly name = 'GroupMissing'

  constructor(group: string) {
    super(`There is no machine group “${group}”; it was deleted or renamed. Take the filter away.`)
  }
}

import { Button, Field, Input, Select } from '@fluentui/react-components'
import { Dismiss20Regular } from '@fluentui/react-icons'
import type { MachineView, RuleDetail, RuleTarget } from '@tidemark/model'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'

import { associate, dissociate, setTargets } from '../api/rules.ts'
import { useGroups } from '../groups/use-groups.ts'
import { useMachines } from '../machines/use-machines.ts'
import { Failure } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { ruleMachineWords as words } from '../words/rules.ts'
import { MachineFinder } from './machine-finder.tsx'
import { forgetRules } from './use-rules.ts'

/** Machines that are named; a rule may be for a whole fleet. */
const NAMED_MAX = 200

/** For which machines a rule is, and which have it. */
export function MachinesTab({
  detail,
  isReadOnly,
}: {
  readonly detail: RuleDetail | undefined
  readonly isReadOnly: boolean
}): ReactNode {
  const client = useQueryClient()
  const [failed, setFailed] = useState<Error>()
  if (detail === undefined) return <p className="note">{words.newRule}</p>
  const act = async (work: () => Promise<void>): Promise<void> => {
    try {
      setFailed(undefined)
      await work()
    } catch (error) {
      setFailed(error instanceof Error ? error : new Error(String(error)))
    }
    await forgetRules(client)
  }
  const run = (work: () => Promise<void>): void => void act(work)
  const { targets, machines, machineCount } = detail
  const setTo = (next: readonly RuleTarget[]): void => run(async () => await setTargets(detail.immutableId, next))
  return (
    <div className="rule-machines">
      <p className="note">{words.help}</p>
      {failed ? <Failure error={failed} retry={() => void forgetRules(client)} /> : null}
      <Targets detail={detail} isReadOnly={isReadOnly} onTargets={setTo} run={run} />
      {isReadOnly ? null : <AddTarget targets={targets} detail={detail} onTargets={setTo} run={run} />}
      <h2>{machineCount === 0 ? words.nobody : words.having(machineCount)}</h2>
      <ul className="rule-having">
        {machines.slice(0, NAMED_MAX).map(({ resourceId, computer }) => (
          <li key={resourceId} data-testid="rule-machine">
            <Link to="/machines" search={{ machine: resourceId }}>
              {safeText(computer).slice(0, 200)}
            </Link>
          </li>
        ))}
      </ul>
      {machines.length > NAMED_MAX ? <p className="note">{words.more(machines.length - NAMED_MAX)}</p> : null}
      <p className="note">{words.refreshed}</p>
    </div>
  )
}

interface ActProps {
  readonly detail: RuleDetail
  readonly onTargets: (targets: readonly RuleTarget[]) => void
  readonly run: (work: () => Promise<void>) => void
}

function Targets({ detail, isReadOnly, onTargets, run }: ActProps & { readonly isReadOnly: boolean }): ReactNode {
  const groups = useGroups().data ?? []
  const known = new Map(detail.machines.map(({ resourceId, computer }) => [resourceId.toLowerCase(), computer]))
  const nameOf = (target: RuleTarget): string => {
    if (target.kind === 'all') return words.all
    if (target.kind === 'name') return words.nameTarget(target.pattern)
    const group = groups.find(({ id }) => id === target.group)
    return group === undefined ? words.groupGone(target.group) : words.groupTarget(group.name)
  }
  const all = [
    ...detail.targets.map((target) => ({
      name: nameOf(target),
      remove: () => onTargets(detail.targets.filter((one) => one !== target)),
    })),
    ...detail.associated.map(({ resourceId, association }) => ({
      name: known.get(resourceId.toLowerCase()) ?? resourceId.split('/').at(-1) ?? resourceId,
      remove: () => run(async () => await dissociate(resourceId, association)),
    })),
  ]
  return (
    <ul className="rule-targets" aria-label={words.targets}>
      {all.map(({ name, remove }) => (
        <li key={name} data-testid="rule-target">
          <span>{safeText(name).slice(0, 200)}</span>
          {isReadOnly ? null : (
            <Button
              size="small"
              appearance="subtle"
              aria-label={words.remove(safeText(name))}
              icon={<Dismiss20Regular />}
              onClick={remove}
            />
          )}
        </li>
      ))}
    </ul>
  )
}

function AddTarget({
  targets,
  detail,
  onTargets,
  run,
}: ActProps & { readonly targets: readonly RuleTarget[] }): ReactNode {
  const groups = useGroups().data ?? []
  const machines = useMachines().data ?? []
  const has = (target: RuleTarget): boolean => targets.some((one) => JSON.stringify(one) === JSON.stringify(target))
  const add = (target: RuleTarget): void => {
    if (!has(target)) onTargets([...targets, target])
  }
  const associated = new Map(detail.associated.map((one) => [one.resourceId.toLowerCase(), one.association]))
  const chosen = new Set(machines.map(({ resourceId }) => resourceId).filter((id) => associated.has(id.toLowerCase())))
  const toggle = ({ resourceId }: MachineView): void => {
    const association = associated.get(resourceId.toLowerCase())
    run(
      async () =>
        await (association === undefined ? associate(resourceId, detail) : dissociate(resourceId, association)),
    )
  }
  return (
    <div className="filters rule-add-target">
      <ByName onAdd={(pattern) => add({ kind: 'name', pattern })} />
      <Field label={words.byGroup} {...(groups.length === 0 ? { hint: words.noGroups } : {})}>
        <Select
          value=""
          disabled={groups.length === 0}
          onChange={(_, { value }) => add({ kind: 'group', group: value })}
        >
          <option value="">{words.chooseGroup}</option>
          {groups.map(({ id, name }) => (
            <option key={id} value={id}>
              {safeText(name)}
            </option>
          ))}
        </Select>
      </Field>
      <div className="rule-add-all">
        <Button disabled={has({ kind: 'all' })} onClick={() => add({ kind: 'all' })}>
          {words.all}
        </Button>
      </div>
      <MachineFinder label={words.one} machines={machines} chosen={chosen} onToggle={toggle} />
    </div>
  )
}

function ByName({ onAdd }: { readonly onAdd: (pattern: string) => void }): ReactNode {
  const [pattern, setPattern] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onAdd(pattern.trim())
        setPattern('')
      }}
    >
      <Field label={words.byName} hint={words.byNameHelp}>
        <Input
          value={pattern}
          placeholder={words.byNameHint}
          maxLength={253}
          onChange={(_, { value }) => setPattern(value)}
          contentAfter={
            <Button type="submit" size="small" disabled={pattern.trim() === ''}>
              {words.add}
            </Button>
          }
        />
      </Field>
    </form>
  )
}

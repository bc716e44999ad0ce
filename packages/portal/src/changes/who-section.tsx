import './who.css'

import { Badge } from '@fluentui/react-components'
import { type ReactNode, useRef } from 'react'

import type { AnswerRow } from '../api/answer-row.ts'
import { CopyButton } from '../view/copy-button.tsx'
import { LongText } from '../view/long-text.tsx'
import { safeText } from '../view/text.ts'
import { exactTimeText } from '../view/values.ts'
import {
  accountText,
  type Actor,
  type Certainty,
  programName,
  type ToldProcess,
  type Who,
  whoOf,
  whyUnknown,
} from './who.ts'

/** *Who*: the account and the process that made a change, and how sure that is; else why it is not known. */
export function WhoSection({ row }: { readonly row: AnswerRow }): ReactNode {
  const who = whoOf(row)
  return (
    <section className="who" aria-labelledby="who-title" data-testid="who">
      <h3 id="who-title">Who</h3>
      {who ? (
        <Known who={who} />
      ) : (
        <p className="note">
          <CertaintyBadge certainty="unknown" /> <LongText text={whyUnknown(row)} />
        </p>
      )}
    </section>
  )
}

function Known({ who }: { readonly who: Who }): ReactNode {
  return (
    <>
      <dl>
        <Fact name="Account" value={accountText(who)} />
        <Fact name="Program" value={who.executable}>
          {who.pid === '' ? null : <span className="note"> process {safeText(who.pid)}</span>}
        </Fact>
        {who.commandLine === '' ? null : <CommandLine text={who.commandLine} />}
        <Fact name="Observed" value={exactTimeText(who.observedAt)} />
        <Fact name="Unit" value={who.unit} />
        <Fact name="Container" value={who.container} />
        <Fact name="Session" value={who.session} />
        <dt>Certainty</dt>
        <dd>
          <CertaintyBadge certainty={who.certainty} /> {meanings[who.certainty].text}{' '}
          {who.note === '' ? null : <LongText text={who.note} />}
        </dd>
      </dl>
      {who.parents.length === 0 ? null : <Tree parents={who.parents} process={who} />}
      {who.others.length === 0 ? null : <Others others={who.others} />}
    </>
  )
}

const meanings: Readonly<
  Record<Certainty, { readonly text: string; readonly color: 'success' | 'warning' | 'subtle' }>
> = {
  captured: { text: 'Taken at the moment of the change.', color: 'success' },
  inferred: { text: 'Concluded from what was seen around it.', color: 'warning' },
  unknown: { text: 'Who did it could not be found out.', color: 'subtle' },
}

function CertaintyBadge({ certainty }: { readonly certainty: Certainty }): ReactNode {
  return (
    <Badge appearance="tint" color={meanings[certainty].color} data-testid="certainty">
      {certainty}
    </Badge>
  )
}

interface FactProps {
  readonly name: string
  /** The fact is left out where it is empty. */
  readonly value: string
  readonly children?: ReactNode
}

function Fact({ name, value, children }: FactProps): ReactNode {
  if (value === '') return null
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <LongText text={value} />
        {children}
      </dd>
    </>
  )
}

function CommandLine({ text }: { readonly text: string }): ReactNode {
  const shown = useRef<HTMLElement>(null)
  return (
    <>
      <dt>Command line</dt>
      <dd className="command">
        <code ref={shown}>
          <LongText text={text} />
        </code>
        {/* What is shown, so that nothing hidden reaches the terminal that it is pasted into. */}
        <CopyButton what="command line" text={safeText(text)} shownIn={shown} />
      </dd>
    </>
  )
}

/** Characters of each name in the line above the tree; the tree has all of it. */
const NAME_CHARACTERS_MAX = 40

/** The processes from init down to the one that made the change, each below the one that started it. */
function Tree({
  parents,
  process,
}: {
  readonly parents: readonly ToldProcess[]
  readonly process: ToldProcess
}): ReactNode {
  const names = parents
    .slice(-3)
    .toReversed()
    .map((parent) => nameOf(parent).slice(0, NAME_CHARACTERS_MAX))
  return (
    <details data-testid="process-tree">
      <summary>
        Started by {names.map(safeText).join(' ← ')}
        {parents.length > names.length ? ' ← …' : ''} ({parents.length} {parents.length === 1 ? 'parent' : 'parents'})
      </summary>
      <ol className="process-tree">
        {[...parents, process].map((one, depth) => (
          // Deeper than this there would be no room left for the words.
          <li key={`${depth} ${one.pid}`} style={{ marginLeft: Math.min(depth, 8) * 12 }}>
            <ProcessLine process={one} />
          </li>
        ))}
      </ol>
    </details>
  )
}

function Others({ others }: { readonly others: readonly Actor[] }): ReactNode {
  return (
    <details data-testid="other-processes">
      <summary>
        {others.length} further {others.length === 1 ? 'process' : 'processes'} touched it since the look before
      </summary>
      <ul className="process-tree">
        {others.map((one, index) => (
          <li key={`${index} ${one.pid}`}>
            <ProcessLine process={{ ...one, account: accountText(one) }} />
            <div>
              <CertaintyBadge certainty={one.certainty} /> <LongText text={sideFacts(one)} />
            </div>
          </li>
        ))}
      </ul>
    </details>
  )
}

function sideFacts({ unit, container, session, note }: Actor): string {
  const facts = { unit, container, session }
  const told = Object.entries(facts).flatMap(([name, value]) => (value === '' ? [] : [`${name} ${value}`]))
  return [...told, note].filter((text) => text !== '').join(' · ')
}

function ProcessLine({ process }: { readonly process: ToldProcess }): ReactNode {
  const { pid, executable, commandLine, account } = process
  const facts = [executable, account, pid === '' ? '' : `process ${pid}`].filter((text) => text !== '')
  return (
    <>
      <strong>
        <LongText text={nameOf(process)} />
      </strong>{' '}
      <span className="note">
        <LongText text={facts.join(' · ')} />
      </span>
      {commandLine === '' ? null : (
        <code>
          <LongText text={commandLine} />
        </code>
      )}
    </>
  )
}

function nameOf({ executable, commandLine, pid }: ToldProcess): string {
  return programName(executable) || commandLine.split(' ')[0] || `process ${pid}`
}

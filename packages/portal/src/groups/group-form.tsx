import { Button, Field, Input, MessageBar, MessageBarBody } from '@fluentui/react-components'
import type { MachineGroupView } from '@tidemark/model'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, type RefObject, useRef, useState } from 'react'

import { cloneGroup, deleteGroup, type GroupWish, saveGroup } from '../api/groups.ts'
import type { CodeEditor } from '../logs/code-editor.ts'
import { Editor } from '../logs/editor.tsx'
import { groupWords as words } from '../words/groups.ts'
import { GroupCheck } from './group-check.tsx'
import { forgetGroups } from './use-groups.ts'

export interface GroupFormProps {
  /** Undefined while a new one is made. */
  readonly group: MachineGroupView | undefined
  /** Shows another group, or none. */
  readonly onOpen: (id: string | undefined) => void
}

/** A group as it can be changed, with the machines that its query finds while it is written. */
export function GroupForm({ group, onOpen }: GroupFormProps): ReactNode {
  const { id, name = '', description = '', query = words.startQuery } = group ?? {}
  const [wish, setWish] = useState<GroupWish>({ name, description, query })
  const { isBusy, failed, act } = useAction()
  const editorRef = useRef<CodeEditor>(undefined)
  const isSame = wish.name === name && wish.description === description && wish.query === query
  const save = (): void =>
    act(async () => {
      const saved = await saveGroup(id, wish)
      onOpen(saved.id)
    })
  return (
    <form
      className="group-form"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      {group ? <Links group={group} /> : null}
      <Fields wish={wish} startQuery={query} onWish={setWish} onSave={save} editorRef={editorRef} />
      <GroupCheck query={wish.query} editorRef={editorRef} />
      {failed === '' ? null : (
        <MessageBar intent="error" layout="multiline" data-testid="group-failure">
          <MessageBarBody>{failed}</MessageBarBody>
        </MessageBar>
      )}
      <div className="toolbar">
        <Button
          type="submit"
          appearance="primary"
          disabled={isBusy || wish.name.trim() === '' || (group !== undefined && isSame)}
        >
          {words.save}
        </Button>
        {group ? (
          <>
            <Button disabled={isBusy} onClick={() => act(async () => onOpen((await cloneGroup(group.id)).id))}>
              {words.clone}
            </Button>
            <Remove
              isBusy={isBusy}
              onRemove={() =>
                act(async () => {
                  await deleteGroup(group.id)
                  onOpen(undefined)
                })
              }
            />
          </>
        ) : null}
        {group && !isSame ? <span className="note">{words.unsaved}</span> : null}
      </div>
    </form>
  )
}

interface FieldsProps {
  readonly wish: GroupWish
  /** The query at first: the editor keeps its text itself. */
  readonly startQuery: string
  readonly onWish: (wish: GroupWish) => void
  readonly onSave: () => void
  readonly editorRef: RefObject<CodeEditor | undefined>
}

function Fields({ wish, startQuery, onWish, onSave, editorRef }: FieldsProps): ReactNode {
  return (
    <>
      <Field label={words.name} required>
        <Input
          value={wish.name}
          placeholder={words.nameHint}
          maxLength={100}
          onChange={(_, { value }) => onWish({ ...wish, name: value })}
        />
      </Field>
      <Field label={words.description}>
        <Input
          value={wish.description}
          maxLength={500}
          onChange={(_, { value }) => onWish({ ...wish, description: value })}
        />
      </Field>
      <div className="group-query">
        <span className="group-label">{words.query}</span>
        <Editor
          text={startQuery}
          label={words.editor}
          onRun={onSave}
          onChange={(next) => onWish({ ...wish, query: next })}
          editorRef={editorRef}
        />
        <p className="note">{words.queryHelp}</p>
      </div>
    </>
  )
}

/** Something that changes groups: one at a time; what fails is told, and nothing that was typed is lost. */
function useAction(): {
  readonly isBusy: boolean
  readonly failed: string
  readonly act: (work: () => Promise<void>) => void
} {
  const client = useQueryClient()
  const [isBusy, setBusy] = useState(false)
  const [failed, setFailed] = useState('')
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setFailed('')
    try {
      await work()
      await forgetGroups(client)
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, failed, act: (work) => void run(work) }
}

/** Deleting asks once more, in the place of the button. */
function Remove({ isBusy, onRemove }: { readonly isBusy: boolean; readonly onRemove: () => void }): ReactNode {
  const [isSure, setSure] = useState(false)
  if (!isSure)
    return (
      <Button disabled={isBusy} onClick={() => setSure(true)}>
        {words.remove}
      </Button>
    )
  return (
    <span className="group-remove" role="alert">
      <span>{words.removeHelp}</span>
      <Button disabled={isBusy} onClick={onRemove}>
        {words.removeSure}
      </Button>
      <Button disabled={isBusy} onClick={() => setSure(false)}>
        {words.keep}
      </Button>
    </span>
  )
}

/** Where a group leads: pages that are narrowed by it. */
function Links({ group: { name, query } }: { readonly group: MachineGroupView }): ReactNode {
  return (
    <p className="facts">
      <Link to="/" search={{ group: [name], span: '7d' }}>
        {words.changes}
      </Link>
      <Link to="/inventory" search={{ group: [name] }}>
        {words.inventory}
      </Link>
      <Link to="/machines" search={{ group: name }}>
        {words.openInMachines}
      </Link>
      <Link to="/logs" search={{ query }}>
        {words.openInLogs}
      </Link>
    </p>
  )
}

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Textarea,
} from '@fluentui/react-components'
import type { ImportedRule } from '@tidemark/model'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { createRule } from '../api/rules.ts'
import { safeText } from '../view/text.ts'
import { importWords as words } from '../words/rules.ts'
import { NEW_RULE, storeDraft } from './drafts.ts'
import { type ImportedText, readImportText } from './import-text.ts'
import { RULE_CHARACTERS_MAX, textOfRule } from './rule-text.ts'
import { forgetRules } from './use-rules.ts'

export interface ImportDialogProps {
  /** Names of the rules that are there. */
  readonly names: readonly string[]
  readonly onClose: () => void
  /** A rule was put where new ones are written. */
  readonly onOpen: () => void
}

/** Takes rules from a file or a text; each is opened before it is saved, or all are saved that have no mistakes. */
export function ImportDialog({ names, onClose, onOpen }: ImportDialogProps): ReactNode {
  const client = useQueryClient()
  const [text, setText] = useState('')
  const [fileName, setFileName] = useState('imported-rule')
  const [said, setSaid] = useState<readonly string[]>([])
  const read = text.trim() === '' ? undefined : readImportText(text, fileName)
  const rules = read?.kind === 'read' ? read.rules : []
  const taken = new Set(names.map((name) => name.toLowerCase()))
  const ready = rules.filter(({ name, problems }) => problems.length === 0 && !taken.has(name.toLowerCase()))
  const open = ({ name, document }: ImportedRule): void => {
    storeDraft(NEW_RULE, { name, text: textOfRule(document), base: undefined })
    onOpen()
  }
  const choose = (next: string, name: string): void => {
    setText(next)
    setFileName(name)
    setSaid([])
  }
  const save = async (): Promise<void> => {
    setSaid(await saveAll(ready))
    await forgetRules(client)
  }
  return (
    <Dialog open inertTrapFocus onOpenChange={(_, data) => data.open || onClose()}>
      <DialogSurface className="rule-import" data-testid="rule-import">
        <DialogBody>
          <DialogTitle>{words.title}</DialogTitle>
          <DialogContent>
            <p className="note">{words.help}</p>
            <ChooseFile onText={choose} onTooLarge={() => setSaid([words.tooLarge(RULE_CHARACTERS_MAX)])} />
            <Field label={words.paste}>
              <Textarea
                className="rule-path"
                value={text}
                rows={8}
                spellCheck={false}
                onChange={(_, { value }) => setText(value)}
              />
            </Field>
            {read ? <Found read={read} taken={taken} onOpen={open} /> : null}
            <output className="rule-said">{said.join('\n')}</output>
          </DialogContent>
          <DialogActions>
            {ready.length === 0 ? null : (
              <Button appearance="primary" onClick={() => void save()}>
                {words.saveAll(ready.length)}
              </Button>
            )}
            <Button onClick={onClose}>{words.close}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

/** Saves what has no mistakes, one after the other; tells how many were, and why others were not. */
async function saveAll(ready: readonly ImportedRule[]): Promise<readonly string[]> {
  const lines: string[] = []
  let count = 0
  for (const { name, document } of ready)
    try {
      await createRule(name, document)
      count += 1
    } catch (error) {
      lines.push(words.failed(safeText(name), error instanceof Error ? error.message : String(error)))
    }
  return [words.saved(count), ...lines]
}

function ChooseFile({
  onText,
  onTooLarge,
}: {
  readonly onText: (text: string, name: string) => void
  readonly onTooLarge: () => void
}): ReactNode {
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    if (file.size > RULE_CHARACTERS_MAX) return onTooLarge()
    onText(await file.text(), file.name.replace(/\.json$/i, ''))
  }
  return (
    <label className="rule-file">
      <span>{words.file}</span>
      <input
        type="file"
        accept=".json,application/json"
        onChange={({ currentTarget }) => void choose(currentTarget.files?.[0])}
      />
    </label>
  )
}

function Found({
  read,
  taken,
  onOpen,
}: {
  readonly read: ImportedText
  readonly taken: ReadonlySet<string>
  readonly onOpen: (rule: ImportedRule) => void
}): ReactNode {
  if (read.kind === 'broken') return <p className="mistake">{words.broken(read.line, read.column, read.message)}</p>
  return (
    <>
      {read.rules.length === 0 ? null : <h3>{words.found(read.rules.length)}</h3>}
      <ul className="rule-found">
        {read.rules.map((rule, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- two may have one name
          <li key={`${index} ${rule.name}`} data-testid="imported-rule">
            <strong>{safeText(rule.name).slice(0, 200)}</strong>
            {rule.problems.length === 0 ? null : <span className="mistake">{words.mistakes}</span>}
            {taken.has(rule.name.toLowerCase()) ? <span className="note">{words.isThere}</span> : null}
            <Button size="small" onClick={() => onOpen(rule)}>
              {words.open(safeText(rule.name).slice(0, 100))}
            </Button>
          </li>
        ))}
      </ul>
      {read.notes.length === 0 ? null : (
        <>
          <h3>{words.notes}</h3>
          <ul className="rule-places" data-testid="import-notes">
            {read.notes.slice(0, 100).map(({ where, message }) => (
              <li key={`${where} ${message}`}>
                {where === '' ? null : <code>{safeText(where).slice(0, 300)}</code>} {safeText(message).slice(0, 500)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

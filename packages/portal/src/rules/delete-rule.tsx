import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
} from '@fluentui/react-components'
import { Delete20Regular } from '@fluentui/react-icons'
import type { RuleDetail } from '@tidemark/model'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { deleteRule } from '../api/rules.ts'
import { Failure } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { ruleWords as words } from '../words/rules.ts'
import { storeDraft } from './drafts.ts'
import { forgetRules } from './use-rules.ts'

/** Deletes a rule, after a question. */
export function DeleteRule({
  detail,
  onDeleted,
}: {
  readonly detail: RuleDetail
  readonly onDeleted: () => void
}): ReactNode {
  const client = useQueryClient()
  const [failed, setFailed] = useState<Error>()
  const remove = async (): Promise<void> => {
    try {
      await deleteRule(detail.id, detail.etag)
      storeDraft(detail.immutableId, undefined)
      onDeleted()
      await forgetRules(client)
    } catch (error) {
      setFailed(error instanceof Error ? error : new Error(String(error)))
    }
  }
  return (
    <Dialog inertTrapFocus>
      <DialogTrigger disableButtonEnhancement>
        <Button appearance="subtle" aria-label={words.delete} title={words.delete} icon={<Delete20Regular />} />
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{words.deleteAsk(safeText(detail.name))}</DialogTitle>
          <DialogContent>
            {words.deleteHelp}
            {failed ? <Failure error={failed} retry={() => void remove()} /> : null}
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={() => void remove()}>
              {words.delete}
            </Button>
            <DialogTrigger disableButtonEnhancement>
              <Button>{words.cancel}</Button>
            </DialogTrigger>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

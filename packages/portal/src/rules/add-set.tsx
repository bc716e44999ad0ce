import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import { Star20Regular } from '@fluentui/react-icons'
import { type ReactNode, useState } from 'react'

import { formWords as words, setWords } from '../words/rules.ts'
import type { FormRule } from './form-rule.ts'
import { type RecommendedSet, recommendedSets } from './recommended.ts'
import { appendedText, editedText, valueAt } from './rule-text.ts'

/** Adds the entries of a recommended set; those whose name or path is there already are left as they are. */
export function AddSet({
  rule,
  entries,
}: {
  readonly rule: FormRule
  readonly entries: readonly unknown[]
}): ReactNode {
  const [said, setSaid] = useState('')
  const add = (set: RecommendedSet): void => {
    const { text, count } = textWithSet(rule, entries, set)
    rule.onText(text)
    setSaid(words.addedSet(count, setWords[set.id][0]))
  }
  return (
    <>
      <Menu positioning={{ autoSize: true }}>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" icon={<Star20Regular />}>
            {words.addSet}
          </Button>
        </MenuTrigger>
        <MenuPopover className="rule-sets">
          <MenuList>
            {recommendedSets.map((set) => (
              <MenuItem key={set.id} subText={setWords[set.id][1]} onClick={() => add(set)}>
                {setWords[set.id][0]}
              </MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <output className="note">{said}</output>
    </>
  )
}

function textWithSet(
  rule: FormRule,
  entries: readonly unknown[],
  set: RecommendedSet,
): { readonly text: string; readonly count: number } {
  const taken = new Set(entries.flatMap((entry) => [valueAt(entry, ['name']), valueAt(entry, ['destinationPath'])]))
  const missing = set.entries.filter(({ name, destinationPath }) => !taken.has(name) && !taken.has(destinationPath))
  const added = appendedText(rule.text, [...rule.settings, 'fileSettings', 'fileInfo'], missing)
  const text = (set.settings ?? []).reduce(
    (before, [place, value]) => editedText(before, [...rule.settings, ...place], value),
    added,
  )
  return { text, count: missing.length }
}

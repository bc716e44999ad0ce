import { happened } from '@tidemark/linux'

import type { TouchKind } from './touch.ts'

/** What is asked of the kernel for tracked files. */
export const CHANGES =
  happened.create |
  happened.delete |
  happened.movedFrom |
  happened.movedTo |
  happened.modify |
  happened.closeWrite |
  happened.attributes

const MEANINGS: readonly (readonly [number, TouchKind])[] = [
  [happened.movedFrom, 'moved-from'],
  [happened.delete, 'deleted'],
  [happened.create, 'created'],
  [happened.movedTo, 'moved-to'],
  [happened.modify | happened.closeWrite, 'content'],
  [happened.attributes, 'attributes'],
]

/** What the bits of an event's mask mean. */
export function kindsIn(mask: number): TouchKind[] {
  return MEANINGS.flatMap(([bits, kind]) => ((mask & bits) === 0 ? [] : [kind]))
}

/** Whether a folder got another name: what was known of paths below it is wrong then. */
export function isFolderMove(mask: number): boolean {
  return (mask & happened.onDirectory) !== 0 && (mask & (happened.movedFrom | happened.movedTo)) !== 0
}

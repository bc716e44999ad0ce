import type { Gap } from '../../collector.ts'
import { type PathBytes, shownPath } from '../file-name.ts'
import { type BlindSpot, DEPTH_MAX } from './walk.ts'

/** Gaps that one look tells one by one; the rest is counted in one that names the limit. */
export const GAPS_MAX = 1_000

/** Gaps that are kept apart at all, for their keys; the rest is only counted. */
export const GAP_KEYS_MAX = 10_000

/** A gap for a path that could not be looked at, and for everything below it. */
export function unreadable({ path, what, why }: BlindSpot): Gap {
  const subject = shownPath(path)
  if (why === 'too-deep') {
    const detail = `${subject} is more than ${DEPTH_MAX} folders deep; what is below it is not tracked`
    return { reason: 'limit-reached', subject, detail, key: path }
  }
  const whose = what === 'contents' ? `what is in ${subject}` : subject
  const because = why === 'EACCES' || why === 'EPERM' ? 'this account may not read it' : why
  return {
    reason: 'unreadable',
    subject,
    detail: `${whose} cannot be looked at: ${because}; it stays as last seen`,
    key: path,
  }
}

/** A content that a rule asks for and that is larger than the rule allows. */
export function contentNotKept(path: PathBytes, bytesMax: number): Gap {
  const subject = shownPath(path)
  const detail = `the content of ${subject} is not kept: it is larger than maxContentsReturnable, ${bytesMax} bytes`
  return { reason: 'content-not-kept', subject, detail }
}

/** The gaps of one look, each subject once; beyond the limit their keys still count, for what was not seen is not removed. */
export class Gaps {
  readonly #gaps = new Map<string, Gap>()

  #more = 0

  add(gap: Gap): void {
    const name = `${gap.reason} ${gap.subject}`
    if (this.#gaps.size < GAP_KEYS_MAX || this.#gaps.has(name)) this.#gaps.set(name, gap)
    else this.#more += 1
  }

  get all(): Gap[] {
    const gaps = [...this.#gaps.values()]
    if (gaps.length <= GAPS_MAX) return gaps
    const detail = `${gaps.length + this.#more - GAPS_MAX} more paths cannot be looked at; the first ${GAPS_MAX} are told one by one`
    return gaps.map((gap, index) =>
      index < GAPS_MAX
        ? gap
        : { ...gap, reason: 'limit-reached', subject: 'files', detail: index === GAPS_MAX ? detail : '' },
    )
  }
}

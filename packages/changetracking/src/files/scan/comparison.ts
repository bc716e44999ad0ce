import { errorNameOf } from '@tidemark/linux'
import { CONTENT_BYTES_MAX, type FileEntry } from '@tidemark/model'

import type { Gap } from '../../collector.ts'
import { fileChange } from '../change.ts'
import { type PathBytes, shownPath } from '../file-name.ts'
import type { TrackedPaths } from '../tracked-paths.ts'
import { attributesOf } from './attributes-of.ts'
import type { ScanCounts } from './counts.ts'
import type { FindingsCollector } from './findings.ts'
import { contentNotKept, unreadable } from './gaps.ts'
import type { KnownFiles } from './known-files.ts'
import type { MergeVisitor } from './merge.ts'
import { nameFor } from '../owners.ts'
import type { OwnerNames } from './owner-names.ts'
import type { ReadAnswer, ReadOrder } from './read-file.ts'
import type { ReadingQueue, Waiting } from './reading-queue.ts'
import { columnsOf, decodeRecord, encodeRecord, type FileRecord } from './record.ts'
import { StepsBehindLinks } from './steps-behind-links.ts'
import { wantedMatches } from './wanted.ts'
import {
  CONTENT_KEPT,
  groupOfStamp,
  kindOfMode,
  type Method,
  methodOf,
  modeOfStamp,
  READ_AGAIN,
  setMethod,
  sizeOfStamp,
  userOfStamp,
} from './stamp.ts'
import type { FoundPath } from './walk.ts'

/** What a comparison works with. */
export interface ComparisonOptions {
  readonly paths: TrackedPaths
  readonly known: KnownFiles
  readonly owners: OwnerNames
  /** Whether a user or group has another name than at the last look. */
  readonly areOwnersRenamed: boolean
  /**
   * The entry that governed a path at the last whole scan; absent where nothing asked for it or it could not be seen:
   * what is not known then is not new, but tracked from now on.
   */
  readonly governedBefore: (found: FoundPath) => FileEntry | undefined
  /** Whether a path that is not found is still there, and only the rules ask no more for it. */
  readonly isLeft: (path: PathBytes) => boolean
  /** Whether the content is read again though nothing says that it changed. */
  readonly isReadAgain: (path: PathBytes) => boolean
  readonly findings: FindingsCollector
  readonly counts: ScanCounts
  readonly onGap: (gap: Gap) => void
}

// What was there when it was listed and is something else when it is opened: the next look sees what it is.
const IN_MOTION: ReadonlySet<string> = new Set(['ELOOP', 'ESTALE', 'ENOTDIR', 'ENXIO', 'EISDIR'])

/** Decides, path by path, what is to be read, and what the difference to what is known means. */
export class Comparison implements MergeVisitor {
  readonly #options: ComparisonOptions
  readonly #entries: readonly FileEntry[]
  readonly #behindLinks: StepsBehindLinks
  /** Where new and different paths wait for what is read of them. */
  queue: Pick<ReadingQueue, 'push'> = { push: (waiting) => this.settle(waiting, undefined) }
  /** Paths seen for the first time because something new asks for them. */
  baselineCount = 0

  constructor(options: ComparisonOptions) {
    this.#options = options
    this.#entries = options.paths.entries
    this.#behindLinks = new StepsBehindLinks(options.paths)
  }

  isSame(found: FoundPath, known: Uint8Array): boolean {
    const { areOwnersRenamed, isReadAgain } = this.#options
    this.#count(found)
    this.#expect(found)
    return found.stamp.equals(known) && !areOwnersRenamed && !(found.kind === 'file' && isReadAgain(found.path))
  }

  same(found: FoundPath): void {
    this.#options.counts.unchanged += 1
    // It is as large as it was: said again, so that it counts as said.
    const contentBytesMax = this.#contentBytesMax(found)
    if (contentBytesMax !== undefined && sizeOfStamp(found.stamp) > contentBytesMax)
      this.#options.onGap(contentNotKept(found.path, contentBytesMax))
  }

  different(found: FoundPath, known: Uint8Array): void {
    this.queue.push(this.#waiting(found, Buffer.from(known)))
  }

  unknown(found: FoundPath): void {
    this.#count(found)
    this.#expect(found)
    this.queue.push(this.#waiting(found, undefined))
  }

  missing(path: PathBytes, stamp: Uint8Array): void {
    const known = Buffer.from(stamp)
    const { paths, findings, known: files } = this.#options
    const value = files.record(path)
    const record = value === undefined ? undefined : decodeRecord(value)
    const kind = kindOfMode(modeOfStamp(known))
    const isLink = record?.linkTarget !== undefined
    // Behind a link only those that follow it; where that is gone, too, all that might have asked.
    const asking = this.#behindLinks.at(path)?.matches ?? []
    const matching = asking.length > 0 ? asking : paths.at(path).matches
    const matches = wantedMatches(this.#entries, matching, { kind, isLink, isDangling: kind === 'link' })
    // Nobody asks for it any more: that is not a change of the file.
    if (matches.length === 0 || record === undefined || this.#options.isLeft(path))
      return findings.update(path, undefined, undefined)
    findings.went({
      path,
      stamp: Buffer.from(known),
      value: undefined,
      columns: columnsOf(path, known, record),
      matches,
    })
  }

  /** What a path that was found means, now that what was to be read of it is read. */
  settle({ found, known }: Waiting, answer: ReadAnswer | undefined): void {
    const { owners, onGap, known: files } = this.#options
    const contentBytesMax = this.#contentBytesMax(found)
    if (answer?.error === 0 && contentBytesMax !== undefined && answer.content === undefined)
      onGap(contentNotKept(found.path, contentBytesMax))
    // Read again, and as it was: that needs no closer look.
    if (known !== undefined && this.#isAsItWas({ found, known }, answer)) return
    const value = known === undefined ? undefined : files.record(found.path)
    const before = value === undefined ? undefined : decodeRecord(value)
    if (answer !== undefined && answer.error < 0) {
      const why = errorNameOf(answer.error)
      if (IN_MOTION.has(why)) return
      if (why === 'ENOENT') return known === undefined ? undefined : this.missing(found.path, known)
      onGap(unreadable({ path: found.path, what: 'path', why }))
    }
    if (answer?.text !== undefined && this.#options.governedBefore(found) === undefined)
      return this.#baseline(found, answer.stamp, { value: answer.text, isFresh: answer.isFresh })
    const isRead = answer !== undefined && answer.error === 0
    const stamp = isRead ? answer.stamp : found.stamp
    const wanted = this.#wantedMethod(found)
    const content = isRead ? answer.content : undefined
    const record: FileRecord = {
      ...this.#contentOf(found, { before, answer, wanted }),
      owner: nameFor(owners.users, userOfStamp(stamp)),
      group: nameFor(owners.groups, groupOfStamp(stamp)),
      ...(found.linkTarget === undefined ? {} : { linkTarget: shownPath(found.linkTarget) }),
      ...attributesOf(found, { answer, before, owners }),
    }
    const isUnread = answer !== undefined && !isRead
    const hasContent = record.contentSha256 !== undefined
    setMethod(stamp, isUnread ? 'unread' : wanted, flagsFor({ hasContent, isFresh: answer?.isFresh === true }))
    this.#compare(found, { stamp, record, content, known, before, value })
  }

  /** Whether what was read again has the stamp and the checksum that are known. */
  #isAsItWas(
    { found, known }: { readonly found: FoundPath; readonly known: Buffer },
    answer: ReadAnswer | undefined,
  ): boolean {
    if (answer === undefined || answer.error < 0 || answer.isFresh || answer.content !== undefined) return false
    if (!found.stamp.equals(known) || answer.stamp.compare(known, 4, undefined, 4) !== 0) return false
    const { areOwnersRenamed, known: files } = this.#options
    return !areOwnersRenamed && files.hasInRecord(found.path, `"FileContentChecksum":"${answer.digest}"`)
  }

  /** A plain file that is tracked from now on, with its value as it came from whoever read it. */
  #baseline(
    found: FoundPath,
    stamp: Buffer,
    { value, isFresh }: { readonly value: Uint8Array; readonly isFresh: boolean },
  ): void {
    setMethod(stamp, this.#wantedMethod(found), flagsFor({ hasContent: false, isFresh }))
    this.baselineCount += 1
    this.#options.findings.update(found.path, stamp, value)
  }

  #compare(
    found: FoundPath,
    seen: {
      readonly stamp: Buffer
      readonly record: FileRecord
      readonly content: ReadAnswer['content']
      readonly known: Buffer | undefined
      readonly before: FileRecord | undefined
      readonly value: string | undefined
    },
  ): void {
    const { findings, governedBefore } = this.#options
    const { path, matches } = found
    const { stamp, record, content, known, before } = seen
    const value = encodeRecord(path, stamp, record)
    if (known === undefined || before === undefined) {
      if (known === undefined && governedBefore(found) !== undefined)
        return findings.came({
          path,
          stamp,
          value,
          columns: columnsOf(path, stamp, record),
          matches,
          ...(content && { content }),
        })
      this.baselineCount += 1
      findings.content(content, matches)
      return findings.update(path, stamp, value)
    }
    // Another policy for links looks at something else than before: that is no change of what is there.
    const earlier = found.linkTarget === undefined ? undefined : governedBefore(found)
    if (earlier !== undefined && earlier.links !== this.#entries[matches[0] ?? 0]?.links) {
      this.baselineCount += 1
      findings.content(content, matches)
      return findings.update(path, stamp, value)
    }
    const isContentCompared = isSameMethod({ known, stamp, before, record })
    const columns = fileChange(columnsOf(path, known, before), columnsOf(path, stamp, record), { isContentCompared })
    if (content !== undefined && content.sha256 !== before.contentSha256) findings.content(content, matches)
    if (columns !== undefined) findings.change({ path, columns, matches })
    if (columns !== undefined || value !== seen.value || !stamp.equals(known)) findings.update(path, stamp, value)
  }

  #contentOf(
    found: FoundPath,
    {
      before,
      answer,
      wanted,
    }: { readonly before: FileRecord | undefined; readonly answer: ReadAnswer | undefined; readonly wanted: Method },
  ): { checksum: string; contentSha256?: string } {
    if (found.kind !== 'file') return { checksum: '' }
    const isRead = answer !== undefined && answer.error === 0
    // What could not be read, or need not be, stands as it was read last.
    const contentSha256 = isRead ? answer.content?.sha256 : before?.contentSha256
    const digest = isRead ? answer.digest : before?.checksum
    return {
      checksum: isHash(wanted) ? (digest ?? '') : '',
      ...(contentSha256 === undefined || this.#contentBytesMax(found) === undefined ? {} : { contentSha256 }),
    }
  }

  #waiting(found: FoundPath, known: Buffer | undefined): Waiting {
    const { path, kind, isFollowed, matches, linkTarget } = found
    const stamp = Buffer.from(found.stamp)
    const kept: FoundPath =
      linkTarget === undefined
        ? { path, kind, isFollowed, matches, stamp }
        : { path, kind, isFollowed, matches, stamp, linkTarget }
    const isOnlyRenamed = known !== undefined && this.#options.areOwnersRenamed && found.stamp.equals(known)
    const order =
      isOnlyRenamed && !this.#options.isReadAgain(found.path) ? undefined : this.#orderFor(kept, known === undefined)
    return { found: kept, known, order }
  }

  #orderFor(found: FoundPath, isUnknown: boolean): ReadOrder | undefined {
    if (found.kind !== 'file') return undefined
    const method = this.#wantedMethod(found)
    const contentBytesMax = this.#contentBytesMax(found)
    if (!isHash(method) && contentBytesMax === undefined) return undefined
    const { counts } = this.#options
    counts.read(found.matches[0] ?? 0, sizeOfStamp(found.stamp))
    const { path, isFollowed, stamp } = found
    const isTextWanted = isUnknown && isHash(method) && contentBytesMax === undefined && found.linkTarget === undefined
    return { path, isFollowed, stamp, method: method === 'md5' ? 'md5' : 'sha256', contentBytesMax, isTextWanted }
  }

  #expect(found: FoundPath): void {
    const contentBytesMax = this.#contentBytesMax(found)
    const hasContent = contentBytesMax !== undefined && sizeOfStamp(found.stamp) <= contentBytesMax
    setMethod(found.stamp, this.#wantedMethod(found), flagsFor({ hasContent, isFresh: false }))
  }

  #wantedMethod({ kind, matches }: FoundPath): Method {
    return kind === 'file' ? (this.#entries[matches[0] ?? 0]?.checksum ?? 'sha256') : 'none'
  }

  /** Bytes of content to keep at most, where an entry asks for it. */
  #contentBytesMax({ kind, matches }: FoundPath): number | undefined {
    if (kind !== 'file') return undefined
    for (const match of matches) {
      const entry = this.#entries[match]
      if (entry?.uploadContent === true) return Math.min(entry.maxContentsReturnable, CONTENT_BYTES_MAX)
    }
    return undefined
  }

  #count({ kind, matches, stamp }: FoundPath): void {
    this.#options.counts.seen(matches[0] ?? 0, kind, sizeOfStamp(stamp))
  }
}

function flagsFor({ hasContent, isFresh }: { readonly hasContent: boolean; readonly isFresh: boolean }): number {
  return (hasContent ? CONTENT_KEPT : 0) | (isFresh ? READ_AGAIN : 0)
}

function isHash(method: Method): method is 'sha256' | 'md5' {
  return method === 'sha256' || method === 'md5'
}

/** Whether both checksums were made in one way: another rule, now the first, may ask for another. */
function isSameMethod(seen: {
  readonly known: Buffer
  readonly stamp: Buffer
  readonly before: FileRecord
  readonly record: FileRecord
}): boolean {
  const [then, now] = [methodOf(seen.known), methodOf(seen.stamp)]
  if (then === now && then !== 'unread') return true
  // What is no file has no checksum, and that is a difference.
  if (then === 'none' || now === 'none') return true
  // Of what could not be read the checksum before it stands: its length tells the method.
  const isBridged = then === 'unread' || now === 'unread'
  return isBridged && seen.before.checksum !== '' && seen.before.checksum.length === seen.record.checksum.length
}

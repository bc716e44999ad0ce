import type { RuleVersion, RuleVersionDetail } from '@tidemark/model'

import type { Metadata, MetadataSession } from '../metadata/metadata.ts'
import type { MetadataTables } from '../metadata/schema.ts'

/** Versions of one rule that are kept; the oldest goes when one more is saved. */
export const RULE_VERSIONS_MAX = 10_000
/** Versions in one answer. */
export const VERSIONS_LISTED_MAX = 100

/** What is saved. */
export interface SavedDocument {
  readonly immutableId: string
  readonly etag: string
  /** JSON. */
  readonly document: string
  readonly savedMs: number
  readonly savedBy: string
  readonly restoredFrom?: number
}

/** Every version of every rule, those of deleted ones too. */
export class RuleVersions {
  readonly #metadata: Metadata

  constructor(metadata: Metadata) {
    this.#metadata = metadata
  }

  /** Keeps a version, in the transaction that changes the rule. */
  async append(
    within: MetadataSession,
    { immutableId, etag, document, savedMs, savedBy, restoredFrom }: SavedDocument,
  ): Promise<void> {
    const { build } = within
    const newest = await within.first(this.#listQuestion(immutableId, { countMax: 1 }))
    const version = (newest?.version ?? 0) + 1
    await within.run(
      build.insertInto('rule_version').values({
        immutable_id: immutableId,
        version,
        etag,
        document,
        saved_ms: savedMs,
        saved_by: savedBy,
        restored_from: restoredFrom ?? null,
      }),
    )
    await within.run(
      build
        .deleteFrom('rule_version')
        .where('immutable_id', '=', immutableId)
        .where('version', '<=', version - RULE_VERSIONS_MAX),
    )
  }

  /** Version 0 where there is none. */
  async newest(immutableId: string): Promise<RuleVersion> {
    const [newest] = await this.list(immutableId, { countMax: 1 })
    return newest ?? { version: 0, savedAt: '', savedBy: '', restoredFrom: null }
  }

  /** Newest first; those before `before`, where it is said. */
  async list(immutableId: string, part: ListPart): Promise<RuleVersion[]> {
    return (await this.#metadata.all(this.#listQuestion(immutableId, part))).map(shown)
  }

  #listQuestion(immutableId: string, { before, countMax }: ListPart) {
    const question = this.#metadata.build
      .selectFrom('rule_version')
      .select(['version', 'saved_ms', 'saved_by', 'restored_from'])
      .where('immutable_id', '=', immutableId)
      .orderBy('version', 'desc')
      .limit(countMax)
    return before === undefined ? question : question.where('version', '<', before)
  }

  async get(immutableId: string, version: number): Promise<RuleVersionDetail | undefined> {
    const question = this.#metadata.build
      .selectFrom('rule_version')
      .selectAll()
      .where('immutable_id', '=', immutableId)
      .where('version', '=', version)
    const row = await this.#metadata.first(question)
    return row && { ...shown(row), document: documentOf(row.document) }
  }
}

/** Which versions of a list. */
interface ListPart {
  readonly before?: number
  readonly countMax: number
}

/** A document as it was kept. */
export function documentOf(text: string): Readonly<Record<string, unknown>> {
  const document: unknown = JSON.parse(text)
  return typeof document === 'object' && document !== null ? { ...document } : {}
}

type VersionRow = Pick<MetadataTables['rule_version'], 'version' | 'saved_ms' | 'saved_by' | 'restored_from'>

function shown({
  version,
  saved_ms: savedMs,
  saved_by: savedBy,
  restored_from: restoredFrom,
}: VersionRow): RuleVersion {
  return { version, savedAt: new Date(savedMs).toISOString(), savedBy, restoredFrom }
}

import { type Clock, newBytes, newUuid } from '@tidemark/base'
import { parseRule, type RuleProperties } from '@tidemark/model'
import type { Compilable } from 'kysely'

import type { Workspaces } from '../access/workspaces.ts'
import { type Metadata, MetadataConflict } from '../metadata/metadata.ts'
import { ruleId } from './arm-path.ts'
import { bareTag } from './etag.ts'
import { RuleTargets } from './rule-targets.ts'
import { documentOf, RuleVersions, type SavedDocument } from './rule-versions.ts'

/** A rule as ARM answers it. */
export interface StoredRule {
  readonly id: string
  readonly name: string
  readonly type: 'Microsoft.Insights/dataCollectionRules'
  readonly location: string
  readonly tags: Readonly<Record<string, string>>
  readonly etag: string
  readonly systemData: { readonly createdAt: string; readonly lastModifiedAt: string }
  readonly properties: RuleProperties
  /** What else the document says beside `properties`: `kind`, `identity`. */
  readonly others: Readonly<Record<string, unknown>>
  /** Only inside the server. */
  readonly immutableId: string
}

/** What a save replaces, who saves, and why. */
export interface Saving {
  /** What is there, as far as is known; absent where nothing is. */
  readonly before: StoredRule | undefined
  /** As people know them; empty where the server does it by itself. */
  readonly savedBy: string
  /** The version whose document it takes over. */
  readonly restoredFrom?: number
}

/** Where a rule is. */
export interface RuleAddress {
  readonly subscription: string
  readonly resourceGroup: string
  readonly name: string
}

/** An association as ARM answers it. */
export interface StoredAssociation {
  readonly id: string
  readonly name: string
  readonly type: 'Microsoft.Insights/dataCollectionRuleAssociations'
  readonly etag: string
  readonly properties: {
    /** One of both is there. */
    readonly dataCollectionRuleId?: string
    readonly dataCollectionEndpointId?: string
    readonly description: string
    readonly provisioningState: 'Succeeded'
  }
  /** The machine's ARM id in lower case; only inside the server. */
  readonly resourceKey: string
}

/** Rules and associations as they are kept. Documents were checked before they come here. */
export class Rules {
  readonly #metadata: Metadata
  readonly #clock: Clock
  readonly #workspaces: Workspaces
  readonly versions: RuleVersions
  readonly targets: RuleTargets

  constructor(metadata: Metadata, options: { readonly clock: Clock; readonly workspaces: Workspaces }) {
    this.#metadata = metadata
    this.#clock = options.clock
    this.#workspaces = options.workspaces
    this.versions = new RuleVersions(metadata)
    this.targets = new RuleTargets(metadata)
  }

  async get(address: RuleAddress): Promise<StoredRule | undefined> {
    return await this.byId(ruleId(address))
  }

  async byId(id: string): Promise<StoredRule | undefined> {
    const { build } = this.#metadata
    const row = await this.#metadata.first(build.selectFrom('rule').selectAll().where('id', '=', id.toLowerCase()))
    return row && shownRule(row, await this.#workspaceOf())
  }

  async byImmutableId(immutableId: string): Promise<StoredRule | undefined> {
    const { build } = this.#metadata
    const question = build.selectFrom('rule').selectAll().where('immutable_id', '=', immutableId.toLowerCase())
    const row = await this.#metadata.first(question)
    return row && shownRule(row, await this.#workspaceOf())
  }

  /** In the order of their ids. */
  async list(where: { readonly subscription: string; readonly resourceGroup?: string }): Promise<StoredRule[]> {
    const { build } = this.#metadata
    const rows = await this.#metadata.all(build.selectFrom('rule').selectAll().orderBy('id'))
    const workspaceOf = await this.#workspaceOf()
    const isThere = (one: string, other: string | undefined): boolean =>
      other === undefined || one.toLowerCase() === other.toLowerCase()
    return rows
      .filter(
        (row) => isThere(row.subscription, where.subscription) && isThere(row.resource_group, where.resourceGroup),
      )
      .map((row) => shownRule(row, workspaceOf))
  }

  /**
   * Creates where `before` is not there, else replaces it; `undefined` where that is not what is there any more. The
   * immutable id stays with its rule. What is saved becomes a version of its own, unless it says what the newest one says.
   */
  async put(
    address: RuleAddress,
    document: Readonly<Record<string, unknown>>,
    { before, ...by }: Saving,
  ): Promise<StoredRule | undefined> {
    const { build } = this.#metadata
    const immutableId = before?.immutableId ?? `dcr-${Buffer.from(newBytes(16)).toString('hex')}`
    const saved = {
      immutableId,
      etag: newUuid(),
      document: JSON.stringify(document),
      savedMs: this.#clock.nowMs(),
      ...by,
    }
    const isSaved = await this.#metadata.together(async (within) => {
      const present = build.selectFrom('rule').select('document').where('immutable_id', '=', immutableId)
      const text = (await within.first(present))?.document
      if ((await within.run(this.#savingQuestion(address, saved, before))) === 0) return false
      if (text !== saved.document) await this.versions.append(within, saved)
      return true
    })
    return isSaved ? await this.get(address) : undefined
  }

  #savingQuestion(
    address: RuleAddress,
    { immutableId, etag, document, savedMs }: SavedDocument,
    before: StoredRule | undefined,
  ): Compilable {
    const id = ruleId(address).toLowerCase()
    const { build } = this.#metadata
    const change = { etag, document, updated_ms: savedMs }
    if (before !== undefined)
      return build.updateTable('rule').set(change).where('id', '=', id).where('etag', '=', bareTag(before.etag))
    return build
      .insertInto('rule')
      .values({
        ...change,
        id,
        subscription: address.subscription,
        resource_group: address.resourceGroup,
        name: address.name,
        immutable_id: immutableId,
        created_ms: savedMs,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
  }

  /** A rule's document as it was put last. */
  async documentOf(immutableId: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { build } = this.#metadata
    const question = build.selectFrom('rule').select('document').where('immutable_id', '=', immutableId)
    const row = await this.#metadata.first(question)
    return row && documentOf(row.document)
  }

  /** Every rule, in the order of their ids. */
  async all(): Promise<StoredRule[]> {
    return await this.#rulesBy('id')
  }

  /** False where `before` is not what is there any more. Its associations go with it. */
  async delete(address: RuleAddress, before: StoredRule): Promise<boolean> {
    const { build } = this.#metadata
    const id = ruleId(address).toLowerCase()
    const change = build.deleteFrom('rule').where('id', '=', id).where('etag', '=', bareTag(before.etag))
    return (await this.#metadata.run(change)) > 0
  }

  /**
   * With a rule, or with an endpoint: creates where `before` is not there, else replaces it; `undefined` where that is not what
   * is there any more, and where the rule or the endpoint is gone.
   */
  async associate(
    options: {
      readonly resourceId: string
      readonly name: string
      readonly ruleId?: string
      readonly endpointId?: string
      readonly description?: string
    },
    before: StoredAssociation | undefined,
  ): Promise<StoredAssociation | undefined> {
    const { resourceId, name, description = '' } = options
    const id = associationId(resourceId, name).toLowerCase()
    const change = {
      rule_id: options.ruleId?.toLowerCase() ?? null,
      endpoint_id: options.endpointId?.toLowerCase() ?? null,
      etag: newUuid(),
      description,
    }
    const { build } = this.#metadata
    const question =
      before === undefined
        ? build
            .insertInto('association')
            .values({ ...change, id, resource_id: resourceId.toLowerCase(), name })
            .onConflict((conflict) => conflict.column('id').doNothing())
        : build.updateTable('association').set(change).where('id', '=', id).where('etag', '=', bareTag(before.etag))
    try {
      return (await this.#metadata.run(question)) > 0 ? await this.association(resourceId, name) : undefined
    } catch (error) {
      if (error instanceof MetadataConflict) return undefined
      throw error
    }
  }

  async association(resourceId: string, name: string): Promise<StoredAssociation | undefined> {
    const id = associationId(resourceId, name).toLowerCase()
    const row = await this.#metadata.first(this.#associationsQuestion().where('association.id', '=', id))
    return row && shownAssociation(row)
  }

  /** In the order of their ids. */
  async associations(where: {
    readonly resourceId?: string
    readonly ruleId?: string
    readonly endpointId?: string
  }): Promise<StoredAssociation[]> {
    let question = this.#associationsQuestion().orderBy('association.id')
    if (where.resourceId !== undefined) question = question.where('resource_id', '=', where.resourceId.toLowerCase())
    if (where.ruleId !== undefined) question = question.where('rule_id', '=', where.ruleId.toLowerCase())
    if (where.endpointId !== undefined) question = question.where('endpoint_id', '=', where.endpointId.toLowerCase())
    return (await this.#metadata.all(question)).map(shownAssociation)
  }

  #associationsQuestion() {
    return this.#metadata.build
      .selectFrom('association')
      .leftJoin('rule', 'rule.id', 'association.rule_id')
      .selectAll('association')
      .select(['rule.subscription', 'rule.resource_group', 'rule.name as rule_name'])
  }

  /** False where `before` is not what is there any more. */
  async dissociate(resourceId: string, name: string, before: StoredAssociation): Promise<boolean> {
    const { build } = this.#metadata
    const id = associationId(resourceId, name).toLowerCase()
    const change = build.deleteFrom('association').where('id', '=', id).where('etag', '=', bareTag(before.etag))
    return (await this.#metadata.run(change)) > 0
  }

  /** The rules of a machine, however they came to it, in the order of their immutable ids. */
  async rulesOf(resourceId: string): Promise<StoredRule[]> {
    const { build } = this.#metadata
    const targeted = await this.targets.rulesFor(resourceId)
    const question = build
      .selectFrom('rule')
      .selectAll()
      .where((of) =>
        of.or([
          of(
            'id',
            'in',
            of.selectFrom('association').select('rule_id').where('resource_id', '=', resourceId.toLowerCase()).$castTo<{
              rule_id: string
            }>(),
          ),
          ...(targeted.length === 0 ? [] : [of('id', 'in', targeted)]),
        ]),
      )
      .orderBy('immutable_id')
    const rows = await this.#metadata.all(question)
    if (rows.length === 0) return []
    const workspaceOf = await this.#workspaceOf()
    return rows.map((row) => shownRule(row, workspaceOf))
  }

  /** The rules of every machine that has any, by its ARM id in lower case, each in the order of their immutable ids. */
  async rulesByResource(): Promise<ReadonlyMap<string, readonly StoredRule[]>> {
    const { build } = this.#metadata
    const idsByResource = await this.targets.rulesByMachine()
    const pairs = await this.#metadata.all(
      build.selectFrom('association').select(['resource_id', 'rule_id']).where('rule_id', 'is not', null),
    )
    for (const { resource_id: key, rule_id: id } of pairs) {
      const ids = idsByResource.get(key) ?? new Set()
      if (id !== null) idsByResource.set(key, ids.add(id))
    }
    const rules = new Map(
      (await this.#rulesBy('immutable_id')).map((rule, place) => [rule.id.toLowerCase(), { rule, place }]),
    )
    const rulesOf = (ids: ReadonlySet<string>): StoredRule[] =>
      [...ids]
        .flatMap((id) => rules.get(id) ?? [])
        .sort((one, other) => one.place - other.place)
        .map(({ rule }) => rule)
    return new Map([...idsByResource].map(([key, ids]) => [key, rulesOf(ids)] as const))
  }

  async #rulesBy(order: 'id' | 'immutable_id'): Promise<StoredRule[]> {
    const rows = await this.#metadata.all(this.#metadata.build.selectFrom('rule').selectAll().orderBy(order))
    const workspaceOf = await this.#workspaceOf()
    return rows.map((row) => shownRule(row, workspaceOf))
  }

  /** Tells the workspace that a destination names; the server's own where it names none that is here. */
  async #workspaceOf(): Promise<WorkspaceOf> {
    const find = await this.#workspaces.finder()
    return ({ workspaceId, workspaceResourceId }) => {
      const named = [workspaceId, workspaceResourceId].filter((one) => typeof one === 'string')
      return named.map(find).find((id) => id !== undefined) ?? this.#workspaces.ownId
    }
  }
}

type WorkspaceOf = (destination: { readonly workspaceResourceId?: unknown; readonly workspaceId?: unknown }) => string

interface RuleRow {
  readonly subscription: string
  readonly resource_group: string
  readonly name: string
  readonly immutable_id: string
  readonly etag: string
  readonly document: string
  readonly created_ms: number
  readonly updated_ms: number
}

function shownRule(row: RuleRow, workspaceOf: WorkspaceOf): StoredRule {
  const address = { subscription: row.subscription, resourceGroup: row.resource_group, name: row.name }
  const document = documentOf(row.document)
  const parsed = parseRule(document, row.name)
  if (parsed.kind === 'rejected') throw new Error(`the rule ${ruleId(address)} is not readable any more`)
  const { location, tags, properties } = parsed.value
  const logAnalytics = properties.destinations.logAnalytics.map((one) => ({
    ...one,
    workspaceId: workspaceOf(one),
  }))
  return {
    id: ruleId(address),
    name: row.name,
    type: 'Microsoft.Insights/dataCollectionRules',
    location,
    tags,
    etag: `"${row.etag}"`,
    systemData: {
      createdAt: new Date(row.created_ms).toISOString(),
      lastModifiedAt: new Date(row.updated_ms).toISOString(),
    },
    properties: {
      ...properties,
      immutableId: row.immutable_id,
      provisioningState: 'Succeeded',
      destinations: { ...properties.destinations, logAnalytics },
    },
    others: Object.fromEntries(Object.entries(document).filter(([key]) => !ownKeys.has(key))),
    immutableId: row.immutable_id,
  }
}

function shownAssociation(row: {
  readonly resource_id: string
  readonly name: string
  readonly rule_id: string | null
  readonly endpoint_id: string | null
  readonly etag: string
  readonly description: string
  readonly subscription: string | null
  readonly resource_group: string | null
  readonly rule_name: string | null
}): StoredAssociation {
  const { subscription, resource_group: resourceGroup, rule_name: ruleName } = row
  const address =
    subscription === null || resourceGroup === null || ruleName === null
      ? undefined
      : { subscription, resourceGroup, name: ruleName }
  return {
    id: associationId(row.resource_id, row.name),
    name: row.name,
    type: 'Microsoft.Insights/dataCollectionRuleAssociations',
    etag: `"${row.etag}"`,
    properties: {
      ...(row.rule_id === null ? {} : { dataCollectionRuleId: address === undefined ? row.rule_id : ruleId(address) }),
      ...(row.endpoint_id === null ? {} : { dataCollectionEndpointId: row.endpoint_id }),
      description: row.description,
      provisioningState: 'Succeeded',
    },
    resourceKey: row.resource_id,
  }
}

function associationId(resourceId: string, name: string): string {
  return `${resourceId}/providers/Microsoft.Insights/dataCollectionRuleAssociations/${name}`
}

/** What an answer says of a rule by itself. */
const ownKeys: ReadonlySet<string> = new Set(['location', 'tags', 'properties'])

import { type Clock, newBytes, newUuid } from '@tidemark/base'
import { parseRule, type RuleProperties } from '@tidemark/model'

import type { Workspaces } from '../access/workspaces.ts'
import { type Metadata, MetadataConflict } from '../metadata/metadata.ts'
import { ruleId } from './arm-path.ts'
import { bareTag } from './etag.ts'

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
  /** Only inside the server. */
  readonly immutableId: string
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

  constructor(metadata: Metadata, options: { readonly clock: Clock; readonly workspaces: Workspaces }) {
    this.#metadata = metadata
    this.#clock = options.clock
    this.#workspaces = options.workspaces
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
   * immutable id stays with its rule.
   */
  async put(
    address: RuleAddress,
    document: Readonly<Record<string, unknown>>,
    before: StoredRule | undefined,
  ): Promise<StoredRule | undefined> {
    const id = ruleId(address).toLowerCase()
    const { build } = this.#metadata
    const nowMs = this.#clock.nowMs()
    const change = { etag: newUuid(), document: JSON.stringify(document), updated_ms: nowMs }
    const touched =
      before === undefined
        ? await this.#metadata.run(
            build
              .insertInto('rule')
              .values({
                ...change,
                id,
                subscription: address.subscription,
                resource_group: address.resourceGroup,
                name: address.name,
                immutable_id: `dcr-${Buffer.from(newBytes(16)).toString('hex')}`,
                created_ms: nowMs,
              })
              .onConflict((conflict) => conflict.column('id').doNothing()),
          )
        : await this.#metadata.run(
            build.updateTable('rule').set(change).where('id', '=', id).where('etag', '=', bareTag(before.etag)),
          )
    return touched > 0 ? await this.get(address) : undefined
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

  /** The rules of a machine, in the order of their immutable ids. */
  async rulesOf(resourceId: string): Promise<StoredRule[]> {
    const { build } = this.#metadata
    const question = build
      .selectFrom('rule')
      .selectAll()
      .where('id', 'in', (of) =>
        of.selectFrom('association').select('rule_id').where('resource_id', '=', resourceId.toLowerCase()).$castTo<{
          rule_id: string
        }>(),
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
    const rows = await this.#metadata.all(build.selectFrom('rule').selectAll())
    const workspaceOf = await this.#workspaceOf()
    const rules = new Map(rows.map((row) => [row.id, shownRule(row, workspaceOf)]))
    const pairs = await this.#metadata.all(
      build
        .selectFrom('association')
        .innerJoin('rule', 'rule.id', 'association.rule_id')
        .select(['association.resource_id', 'rule.id', 'rule.immutable_id'])
        .distinct()
        .orderBy('rule.immutable_id'),
    )
    const byResource = new Map<string, StoredRule[]>()
    for (const { resource_id: key, id } of pairs) {
      const rule = rules.get(id)
      const known = byResource.get(key)
      if (rule === undefined) continue
      if (known === undefined) byResource.set(key, [rule])
      else known.push(rule)
    }
    return byResource
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
  const parsed = parseRule(JSON.parse(row.document), row.name)
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

import { type Clock, newBytes, newUuid } from '@tidemark/base'
import { parseRule, type RuleProperties } from '@tidemark/model'

import type { Workspaces } from '../access/workspaces.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { ruleId } from './arm-path.ts'
import { RuleTargets } from './rule-targets.ts'
import { documentOf, RuleVersions } from './rule-versions.ts'

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

/** Who saves a rule, and why. */
export interface Saving {
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

  get(address: RuleAddress): StoredRule | undefined {
    const { build } = this.#metadata
    const row = this.#metadata.first(
      build.selectFrom('rule').selectAll().where('id', '=', ruleId(address).toLowerCase()),
    )
    return row && this.#shown(row)
  }

  byId(id: string): StoredRule | undefined {
    const { build } = this.#metadata
    const row = this.#metadata.first(build.selectFrom('rule').selectAll().where('id', '=', id.toLowerCase()))
    return row && this.#shown(row)
  }

  byImmutableId(immutableId: string): StoredRule | undefined {
    const { build } = this.#metadata
    const question = build.selectFrom('rule').selectAll().where('immutable_id', '=', immutableId.toLowerCase())
    const row = this.#metadata.first(question)
    return row && this.#shown(row)
  }

  /** In the order of their ids. */
  list(where: { readonly subscription: string; readonly resourceGroup?: string }): StoredRule[] {
    const { build } = this.#metadata
    const rows = this.#metadata.all(build.selectFrom('rule').selectAll().orderBy('id'))
    const isThere = (one: string, other: string | undefined): boolean =>
      other === undefined || one.toLowerCase() === other.toLowerCase()
    return rows
      .filter(
        (row) => isThere(row.subscription, where.subscription) && isThere(row.resource_group, where.resourceGroup),
      )
      .map((row) => this.#shown(row))
  }

  /**
   * Creates or replaces; the immutable id stays with its rule. What is saved becomes a version of its own, unless it says
   * what the newest one says.
   */
  put(
    address: RuleAddress,
    document: Readonly<Record<string, unknown>>,
    saving: Saving,
  ): { readonly rule: StoredRule; readonly isNew: boolean } {
    const id = ruleId(address).toLowerCase()
    const { build } = this.#metadata
    const before = this.#metadata.first(build.selectFrom('rule').selectAll().where('id', '=', id))
    const text = JSON.stringify(document)
    const immutableId = before?.immutable_id ?? `dcr-${Buffer.from(newBytes(16)).toString('hex')}`
    const saved = { immutableId, etag: newUuid(), document: text, savedMs: this.#clock.nowMs(), ...saving }
    this.#metadata.together(() => {
      this.#save(address, saved, before === undefined)
      if (before?.document !== text) this.versions.append(saved)
    })
    const rule = this.get(address)
    if (rule === undefined) throw new Error(`the rule ${id} was not kept`)
    return { rule, isNew: before === undefined }
  }

  #save(
    address: RuleAddress,
    saved: { readonly immutableId: string; readonly etag: string; readonly document: string; readonly savedMs: number },
    isNew: boolean,
  ): void {
    const id = ruleId(address).toLowerCase()
    const { build } = this.#metadata
    const { immutableId, etag, document, savedMs } = saved
    if (!isNew)
      this.#metadata.run(build.updateTable('rule').set({ document, etag, updated_ms: savedMs }).where('id', '=', id))
    else
      this.#metadata.run(
        build.insertInto('rule').values({
          id,
          subscription: address.subscription,
          resource_group: address.resourceGroup,
          name: address.name,
          immutable_id: immutableId,
          etag,
          document,
          created_ms: savedMs,
          updated_ms: savedMs,
        }),
      )
  }

  /** A rule's document as it was put last. */
  documentOf(immutableId: string): Readonly<Record<string, unknown>> | undefined {
    const { build } = this.#metadata
    const question = build.selectFrom('rule').select('document').where('immutable_id', '=', immutableId)
    const row = this.#metadata.first(question)
    return row && documentOf(row.document)
  }

  /** Every rule, in the order of their ids. */
  all(): StoredRule[] {
    const { build } = this.#metadata
    return this.#metadata.all(build.selectFrom('rule').selectAll().orderBy('id')).map((row) => this.#shown(row))
  }

  /** False where there was none. Its associations go with it. */
  delete(address: RuleAddress): boolean {
    const { build } = this.#metadata
    return this.#metadata.run(build.deleteFrom('rule').where('id', '=', ruleId(address).toLowerCase())) > 0
  }

  /** With a rule, or with an endpoint. */
  associate(options: {
    readonly resourceId: string
    readonly name: string
    readonly ruleId?: string
    readonly endpointId?: string
    readonly description?: string
  }): StoredAssociation {
    const { resourceId, name, description = '' } = options
    const resourceKey = resourceId.toLowerCase()
    const row = {
      id: associationId(resourceId, name).toLowerCase(),
      resource_id: resourceKey,
      name,
      rule_id: options.ruleId?.toLowerCase() ?? null,
      endpoint_id: options.endpointId?.toLowerCase() ?? null,
      etag: newUuid(),
      description,
    }
    const { build } = this.#metadata
    this.#metadata.run(
      build
        .insertInto('association')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row)),
    )
    return this.#shownAssociation(row)
  }

  association(resourceId: string, name: string): StoredAssociation | undefined {
    const { build } = this.#metadata
    const id = associationId(resourceId, name).toLowerCase()
    const row = this.#metadata.first(build.selectFrom('association').selectAll().where('id', '=', id))
    return row && this.#shownAssociation(row)
  }

  /** In the order of their ids. */
  associations(where: {
    readonly resourceId?: string
    readonly ruleId?: string
    readonly endpointId?: string
  }): StoredAssociation[] {
    const { build } = this.#metadata
    let question = build.selectFrom('association').selectAll().orderBy('id')
    if (where.resourceId !== undefined) question = question.where('resource_id', '=', where.resourceId.toLowerCase())
    if (where.ruleId !== undefined) question = question.where('rule_id', '=', where.ruleId.toLowerCase())
    if (where.endpointId !== undefined) question = question.where('endpoint_id', '=', where.endpointId.toLowerCase())
    return this.#metadata.all(question).map((row) => this.#shownAssociation(row))
  }

  dissociate(resourceId: string, name: string): boolean {
    const { build } = this.#metadata
    const id = associationId(resourceId, name).toLowerCase()
    return this.#metadata.run(build.deleteFrom('association').where('id', '=', id)) > 0
  }

  /** The rules of a machine, however it came to them, in the order of their immutable ids. */
  rulesOf(resourceId: string): StoredRule[] {
    const associated = this.associations({ resourceId }).map(
      ({ properties }) => properties.dataCollectionRuleId?.toLowerCase() ?? '',
    )
    const { build } = this.#metadata
    const machine = this.#metadata.first(
      build.selectFrom('machine').select('computer').where('resource_key', '=', resourceId.toLowerCase()),
    )
    const targeted = machine === undefined ? [] : this.targets.rulesFor({ resourceId, computer: machine.computer })
    const rules = [...new Set([...associated, ...targeted])].flatMap((id) => this.byId(id) ?? [])
    return rules.sort((one, other) => (one.immutableId < other.immutableId ? -1 : 1))
  }

  /** The workspace that a destination names; the server's own where it names none that is here. */
  #workspaceOf(destination: { readonly workspaceResourceId?: unknown; readonly workspaceId?: unknown }): string {
    const { workspaceResourceId, workspaceId } = destination
    const named = [workspaceId, workspaceResourceId].filter((one) => typeof one === 'string')
    return named.map((one) => this.#workspaces.find(one)).find((id) => id !== undefined) ?? this.#workspaces.ownId
  }

  #shown(row: {
    subscription: string
    resource_group: string
    name: string
    immutable_id: string
    etag: string
    document: string
    created_ms: number
    updated_ms: number
  }): StoredRule {
    const address = { subscription: row.subscription, resourceGroup: row.resource_group, name: row.name }
    const document = documentOf(row.document)
    const parsed = parseRule(document, row.name)
    if (parsed.kind === 'rejected') throw new Error(`the rule ${ruleId(address)} is not readable any more`)
    const { location, tags, properties } = parsed.value
    const logAnalytics = properties.destinations.logAnalytics.map((one) => ({
      ...one,
      workspaceId: this.#workspaceOf(one),
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

  #shownAssociation(row: {
    resource_id: string
    name: string
    rule_id: string | null
    endpoint_id: string | null
    etag: string
    description: string
  }): StoredAssociation {
    return {
      id: associationId(row.resource_id, row.name),
      name: row.name,
      type: 'Microsoft.Insights/dataCollectionRuleAssociations',
      etag: `"${row.etag}"`,
      properties: {
        ...(row.rule_id === null ? {} : { dataCollectionRuleId: this.byId(row.rule_id)?.id ?? row.rule_id }),
        ...(row.endpoint_id === null ? {} : { dataCollectionEndpointId: row.endpoint_id }),
        description: row.description,
        provisioningState: 'Succeeded',
      },
      resourceKey: row.resource_id,
    }
  }
}

function associationId(resourceId: string, name: string): string {
  return `${resourceId}/providers/Microsoft.Insights/dataCollectionRuleAssociations/${name}`
}

/** What an answer says of a rule by itself. */
const ownKeys: ReadonlySet<string> = new Set(['location', 'tags', 'properties'])

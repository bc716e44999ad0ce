import { type Clock, newBytes, newUuid } from '@tidemark/base'
import { z } from 'zod'

import type { Metadata } from '../metadata/metadata.ts'
import { endpointId } from './arm-path.ts'
import { bareTag } from './etag.ts'
import type { RuleAddress } from './rules.ts'

/** A data collection endpoint as it is put: what Tidemark does not know of it is kept. */
export const endpointDocument = z.looseObject({
  location: z.string().default('local'),
  kind: z.string().optional(),
  tags: z.record(z.string(), z.string()).default({}),
  properties: z.looseObject({ description: z.string().optional() }).prefault({}),
})
export type EndpointDocument = z.infer<typeof endpointDocument>

/** A data collection endpoint as ARM answers it: where data for this server go. */
export interface StoredEndpoint {
  readonly id: string
  readonly name: string
  readonly type: 'Microsoft.Insights/dataCollectionEndpoints'
  readonly location: string
  readonly kind?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly etag: string
  readonly systemData: { readonly createdAt: string; readonly lastModifiedAt: string }
  readonly properties: Readonly<Record<string, unknown>>
}

/** Endpoints as they are kept. Each is this server under another name: clients find its address in them. */
export class Endpoints {
  readonly #metadata: Metadata
  readonly #clock: Clock
  readonly #publicUrl: () => string

  constructor(metadata: Metadata, options: { readonly clock: Clock; readonly publicUrl: () => string }) {
    this.#metadata = metadata
    this.#clock = options.clock
    this.#publicUrl = options.publicUrl
  }

  async byId(id: string): Promise<StoredEndpoint | undefined> {
    const { build } = this.#metadata
    const row = await this.#metadata.first(build.selectFrom('endpoint').selectAll().where('id', '=', id.toLowerCase()))
    return row && this.#shown(row)
  }

  async get(address: RuleAddress): Promise<StoredEndpoint | undefined> {
    return await this.byId(endpointId(address))
  }

  /** In the order of their ids. */
  async list(where: { readonly subscription: string; readonly resourceGroup?: string }): Promise<StoredEndpoint[]> {
    const { build } = this.#metadata
    const isThere = (one: string, other: string | undefined): boolean =>
      other === undefined || one.toLowerCase() === other.toLowerCase()
    const rows = await this.#metadata.all(build.selectFrom('endpoint').selectAll().orderBy('id'))
    return rows
      .filter(
        (row) => isThere(row.subscription, where.subscription) && isThere(row.resource_group, where.resourceGroup),
      )
      .map((row) => this.#shown(row))
  }

  /** Creates where `before` is not there, else replaces it; `undefined` where that is not what is there any more. */
  async put(
    address: RuleAddress,
    document: EndpointDocument,
    before: StoredEndpoint | undefined,
  ): Promise<StoredEndpoint | undefined> {
    const id = endpointId(address).toLowerCase()
    const { build } = this.#metadata
    const nowMs = this.#clock.nowMs()
    const change = { etag: newUuid(), document: JSON.stringify(document), updated_ms: nowMs }
    const touched =
      before === undefined
        ? await this.#metadata.run(
            build
              .insertInto('endpoint')
              .values({
                ...change,
                id,
                subscription: address.subscription,
                resource_group: address.resourceGroup,
                name: address.name,
                immutable_id: `dce-${Buffer.from(newBytes(16)).toString('hex')}`,
                created_ms: nowMs,
              })
              .onConflict((conflict) => conflict.column('id').doNothing()),
          )
        : await this.#metadata.run(
            build.updateTable('endpoint').set(change).where('id', '=', id).where('etag', '=', bareTag(before.etag)),
          )
    return touched > 0 ? await this.get(address) : undefined
  }

  /** False where `before` is not what is there any more. Its associations go with it. */
  async delete(address: RuleAddress, before: StoredEndpoint): Promise<boolean> {
    const { build } = this.#metadata
    const id = endpointId(address).toLowerCase()
    const change = build.deleteFrom('endpoint').where('id', '=', id).where('etag', '=', bareTag(before.etag))
    return (await this.#metadata.run(change)) > 0
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
  }): StoredEndpoint {
    const { location, kind, tags, properties } = endpointDocument.parse(JSON.parse(row.document))
    const endpoint = this.#publicUrl()
    return {
      id: endpointId({ subscription: row.subscription, resourceGroup: row.resource_group, name: row.name }),
      name: row.name,
      type: 'Microsoft.Insights/dataCollectionEndpoints',
      location,
      ...(kind === undefined ? {} : { kind }),
      tags,
      etag: `"${row.etag}"`,
      systemData: {
        createdAt: new Date(row.created_ms).toISOString(),
        lastModifiedAt: new Date(row.updated_ms).toISOString(),
      },
      properties: {
        networkAcls: { publicNetworkAccess: 'Enabled' },
        ...properties,
        immutableId: row.immutable_id,
        configurationAccess: { endpoint },
        logsIngestion: { endpoint },
        provisioningState: 'Succeeded',
      },
    }
  }
}

import { type Clock, newBytes, newUuid } from '@tidemark/base'
import { z } from 'zod'

import type { Metadata } from '../metadata/metadata.ts'
import { endpointId } from './arm-path.ts'
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

  byId(id: string): StoredEndpoint | undefined {
    const { build } = this.#metadata
    const row = this.#metadata.first(build.selectFrom('endpoint').selectAll().where('id', '=', id.toLowerCase()))
    return row && this.#shown(row)
  }

  get(address: RuleAddress): StoredEndpoint | undefined {
    return this.byId(endpointId(address))
  }

  /** In the order of their ids. */
  list(where: { readonly subscription: string; readonly resourceGroup?: string }): StoredEndpoint[] {
    const { build } = this.#metadata
    const isThere = (one: string, other: string | undefined): boolean =>
      other === undefined || one.toLowerCase() === other.toLowerCase()
    return this.#metadata
      .all(build.selectFrom('endpoint').selectAll().orderBy('id'))
      .filter(
        (row) => isThere(row.subscription, where.subscription) && isThere(row.resource_group, where.resourceGroup),
      )
      .map((row) => this.#shown(row))
  }

  put(
    address: RuleAddress,
    document: EndpointDocument,
  ): { readonly endpoint: StoredEndpoint; readonly isNew: boolean } {
    const id = endpointId(address).toLowerCase()
    const { build } = this.#metadata
    const before = this.#metadata.first(build.selectFrom('endpoint').selectAll().where('id', '=', id))
    const nowMs = this.#clock.nowMs()
    const row = {
      id,
      subscription: before?.subscription ?? address.subscription,
      resource_group: before?.resource_group ?? address.resourceGroup,
      name: before?.name ?? address.name,
      immutable_id: before?.immutable_id ?? `dce-${Buffer.from(newBytes(16)).toString('hex')}`,
      etag: newUuid(),
      document: JSON.stringify(document),
      created_ms: before?.created_ms ?? nowMs,
      updated_ms: nowMs,
    }
    this.#metadata.run(
      build
        .insertInto('endpoint')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row)),
    )
    return { endpoint: this.#shown(row), isNew: before === undefined }
  }

  /** False where there was none. Its associations go with it. */
  delete(address: RuleAddress): boolean {
    const { build } = this.#metadata
    return this.#metadata.run(build.deleteFrom('endpoint').where('id', '=', endpointId(address).toLowerCase())) > 0
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

import { z } from 'zod'

/** Files on the server's disk; below its state folder where no folder is said. */
const diskPlace = z.object({ kind: z.literal('disk'), folder: z.string().min(1).optional() })

/** A bucket of S3 or of what speaks its protocol. Without credentials they are found as the AWS SDK finds them. */
const s3Place = z.object({
  kind: z.literal('s3'),
  bucket: z.string().min(1),
  /** Before the name of each object: empty, or ends with a slash. */
  prefix: z.string().default(''),
  region: z.string().min(1).default('us-east-1'),
  /** Where it is not AWS. */
  endpoint: z.url().optional(),
  /** Whether the bucket stands in the path and not in the name of the host. */
  hasPathStyle: z.boolean().default(false),
  credentials: z.object({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) }).optional(),
})
export type S3Place = z.infer<typeof s3Place>

/** A container of Azure Blob Storage, with the key of its account or a shared access signature. */
const azurePlace = z.object({
  kind: z.literal('azure'),
  /** `https://<account>.blob.core.windows.net/<container>`. */
  containerUrl: z.url(),
  prefix: z.string().default(''),
  account: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  sas: z.string().min(1).optional(),
})
export type AzurePlace = z.infer<typeof azurePlace>

/** Where contents are kept. */
export const contentPlace = z.discriminatedUnion('kind', [diskPlace, s3Place, azurePlace]).default({ kind: 'disk' })
export type ContentPlace = z.infer<typeof contentPlace>

/** Secrets of a place, which stand in no address and no command line. */
export interface PlaceSecrets {
  readonly azureKey?: string | undefined
  readonly azureSas?: string | undefined
}

/**
 * Reads how a place is written: `disk`, a folder's absolute path, `s3://bucket/prefix?region=&endpoint=&path-style=true`,
 * or `https://account.blob.core.windows.net/container/prefix`. Gives a sentence where it is none of them.
 */
export function parseContentPlace(text: string, secrets: PlaceSecrets): ContentPlace | string {
  if (text === 'disk') return { kind: 'disk' }
  if (text.startsWith('/')) return { kind: 'disk', folder: text }
  const url = URL.parse(text)
  if (url?.protocol === 's3:') return s3From(url)
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return azureFrom(url, secrets)
  return `"${text}" is no place for contents; write disk, a folder, s3://BUCKET/PREFIX?region=R, or https://ACCOUNT.blob.core.windows.net/CONTAINER`
}

function s3From(url: URL): ContentPlace | string {
  const unknown = [...url.searchParams.keys()].find((name) => !['region', 'endpoint', 'path-style'].includes(name))
  if (url.hostname === '' || unknown !== undefined)
    return `s3://BUCKET/PREFIX takes region, endpoint and path-style${unknown === undefined ? '' : `, not ${unknown}`}`
  const read = s3Place.safeParse({
    kind: 's3',
    bucket: url.hostname,
    prefix: prefixOf(url.pathname.slice(1)),
    region: url.searchParams.get('region') ?? undefined,
    endpoint: url.searchParams.get('endpoint') ?? undefined,
    hasPathStyle: url.searchParams.get('path-style') === 'true',
  })
  return read.data ?? `${url.href}: ${read.error?.issues[0]?.path.join('.')} is wrong`
}

function azureFrom(url: URL, { azureKey, azureSas }: PlaceSecrets): ContentPlace | string {
  const [, container = '', ...prefix] = url.pathname.split('/')
  if (container === '') return `${url.origin}/ names no container; write ${url.origin}/CONTAINER`
  if (url.search !== '')
    return 'a shared access signature does not belong into the address; set AZURE_STORAGE_SAS_TOKEN'
  if (azureKey === undefined && azureSas === undefined)
    return 'contents in Azure need AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN in the environment'
  return {
    kind: 'azure',
    containerUrl: `${url.origin}/${container}`,
    prefix: prefixOf(prefix.join('/')),
    ...(azureKey === undefined ? { sas: azureSas } : { account: url.hostname.split('.')[0], key: azureKey }),
  }
}

function prefixOf(path: string): string {
  const plain = path.replace(/^\/+|\/+$/g, '')
  return plain === '' ? '' : `${plain}/`
}

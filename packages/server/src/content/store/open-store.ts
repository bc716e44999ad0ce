import { join } from 'node:path'

import { DiskStore } from '../host/disk-store.ts'
import type { ContentStore } from './content-store.ts'
import type { ContentPlace } from './place.ts'

/** Opens the store that the settings name. The libraries of S3 and Azure are loaded only where they are asked for. */
export async function openContentStore(place: ContentPlace, stateFolder: string): Promise<ContentStore> {
  switch (place.kind) {
    case 'disk':
      return await DiskStore.open(place.folder ?? join(stateFolder, 'contents'))
    case 's3': {
      const { S3Store } = await import('./s3-store.ts')
      return new S3Store(place)
    }
    case 'azure': {
      const { AzureStore } = await import('./azure-store.ts')
      return new AzureStore(place)
    }
  }
}

import type { Clock } from '@tidemark/base'

import type { AzureSettings } from '../settings.ts'
import type { IngestionCall } from './calls.ts'
import { mayHaveTokens } from './hosts.ts'

/**
 * Calls of the Logs Ingestion API by Azure's own client, which is loaded with the first of them: an agent whose rules have no
 * such destination does not pay for it.
 */
export function azureIngestion(settings: AzureSettings, clock: Clock): IngestionCall {
  let loading: Promise<IngestionCall> | undefined
  return async (request, signal) => {
    const { endpoint } = request.channel
    if (!mayHaveTokens(endpoint, settings.azure.hosts))
      throw new Error(
        `${new URL(endpoint).host} is no endpoint of Azure: no token is sent there unless azure.hosts in agent.json names it`,
      )
    loading ??= import('./client.ts').then(({ azureClients }) => azureClients(settings, clock))
    // What failed to load may load later, when memory or files are there again.
    loading.catch(() => (loading = undefined))
    return await (
      await loading
    )(request, signal)
  }
}

import type { TokenCredential } from '@azure/identity'
import type { Clock } from '@tidemark/base'

import type { AzureSettings } from '../settings.ts'
import { secretText } from './host/secret-file.ts'
import { connectionTo, withoutProxy } from './http-client.ts'

/** Of Azure's public cloud. */
const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com'
/** How long a token in a file is taken for good, in milliseconds: it is read again for each call. */
const FILE_TOKEN_MS = 60_000

/** Whatever gives tokens for Azure as the settings say. Rejects where a file with a secret cannot be used. */
export async function credentialOf(settings: AzureSettings, clock: Clock): Promise<TokenCredential> {
  const { credential } = settings.azure
  switch (credential.kind) {
    case 'token-file': {
      const { file } = credential
      return {
        getToken: async () =>
          // The client asks how long it is good; only whoever writes the file knows.
          await Promise.resolve({ token: secretText(file), expiresOnTimestamp: clock.nowMs() + FILE_TOKEN_MS }),
      }
    }
    case 'client-secret': {
      const { tenantId, clientId, secretFile, authorityHost } = credential
      const { ClientSecretCredential } = await import('@azure/identity')
      return new ClientSecretCredential(tenantId, clientId, secretText(secretFile), {
        ...connectionTo(authorityHost ?? PUBLIC_AUTHORITY, settings),
        // An authority of one's own is not among those that Azure knows.
        ...(authorityHost === undefined ? {} : { authorityHost, disableInstanceDiscovery: true }),
        retryOptions: { maxRetries: 0 },
      })
    }
    case 'managed-identity': {
      const { ManagedIdentityCredential } = await import('@azure/identity')
      const { clientId } = credential
      return new ManagedIdentityCredential({
        ...(clientId === undefined ? {} : { clientId }),
        retryOptions: { maxRetries: 0 },
        // It is on this machine: never through a proxy.
        httpClient: withoutProxy(),
      })
    }
  }
}

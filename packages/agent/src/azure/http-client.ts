import { Agent as PlainAgent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'

import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline'

import { fileText, systemAuthorities } from '../host/certificates.ts'
import type { AzureSettings } from '../settings.ts'
import { isWithoutProxy } from './hosts.ts'

const defaultClient = createDefaultHttpClient()

/** How Azure's clients reach an address: certificates, proxies and the connection itself, all as our settings say. */
export interface Connection {
  readonly tlsOptions?: { readonly ca: string[] }
  readonly proxyOptions?: {
    readonly host: string
    readonly port: number
    readonly username?: string
    readonly password?: string
  }
  readonly httpClient: HttpClient
}

/** The connection to an address. Nothing is taken from the environment behind the settings' back. */
export function connectionTo(endpoint: string, { azure, proxy }: AzureSettings): Connection {
  const ca = azure.caFile === undefined ? undefined : [...systemAuthorities(), fileText(azure.caFile)]
  const tls = ca === undefined ? {} : { tlsOptions: { ca } }
  const { httpsProxy, noProxy } = proxy
  if (!httpsProxy || isWithoutProxy(endpoint, noProxy)) return { ...tls, httpClient: withoutProxy(ca) }
  const { protocol, hostname, port, username, password } = new URL(httpsProxy)
  const proxyOptions = {
    host: `${protocol}//${hostname}`,
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    ...(username === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
  }
  return { ...tls, proxyOptions, httpClient: defaultClient }
}

/** Requests with an agent of their own: no proxy of the environment is put in. */
export function withoutProxy(ca?: string[]): HttpClient {
  const plain = new PlainAgent({ keepAlive: false })
  const secure = new SecureAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) })
  return {
    sendRequest: async (request) => {
      request.agent = request.url.startsWith('https:') ? secure : plain
      return await defaultClient.sendRequest(request)
    },
  }
}

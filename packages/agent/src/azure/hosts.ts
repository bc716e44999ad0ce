/** What ends the names of data collection endpoints in Azure's clouds. */
const AZURE_ENDINGS = ['.ingest.monitor.azure.com', '.ingest.monitor.azure.us', '.ingest.monitor.azure.cn']

/**
 * Whether tokens of this machine may be sent to an address. Rules come from a server, the identity from the machine: a rule
 * must not send the token anywhere but to Azure, and where the machine's own settings say.
 */
export function mayHaveTokens(endpoint: string, more: readonly string[]): boolean {
  const { protocol, host, hostname } = new URL(endpoint)
  if (protocol !== 'https:') return false
  return AZURE_ENDINGS.some((ending) => hostname.endsWith(ending)) || more.includes(host) || more.includes(hostname)
}

/** Whether a host is asked without the proxy: `NO_PROXY` has names, endings of names, or `*`, each perhaps with a port. */
export function isWithoutProxy(endpoint: string, noProxy = ''): boolean {
  const { hostname, port } = new URL(endpoint)
  return noProxy
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true
      const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      const ending = name.replace(/^\*?\./, '').toLowerCase()
      const isPort = wantedPort === undefined || wantedPort === (port || '443')
      return isPort && (hostname === ending || hostname.endsWith(`.${ending}`))
    })
}

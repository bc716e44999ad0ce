/** Proxies as the environment says them, in either case, as curl and others read it. */
export function proxiesOf(environment: Readonly<Record<string, string | undefined>>): {
  readonly httpProxy?: string
  readonly httpsProxy?: string
  readonly noProxy?: string
} {
  const said = (name: string): string | undefined => environment[name.toLowerCase()] ?? environment[name]
  const [httpProxy, httpsProxy, noProxy] = [said('HTTP_PROXY'), said('HTTPS_PROXY'), said('NO_PROXY')]
  return {
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  }
}

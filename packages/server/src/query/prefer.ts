/** What `Prefer` asks of a query (protocol: Logs query). */
export interface Preferences {
  /** How long the client waits, in milliseconds. */
  readonly waitMs?: number
  readonly hasStatistics: boolean
  readonly hasRender: boolean
}

/** Reads `wait=30,include-statistics=true,include-render=true`; what it does not know is ignored (RFC 7240, 2). */
export function parsePrefer(header: string | undefined): Preferences {
  const pairs = (header ?? '').split(/[,;]/).map((pair) => pair.trim().toLowerCase().split('='))
  const valueOf = (name: string): string | undefined => pairs.findLast(([key]) => key === name)?.[1]
  const seconds = Number(valueOf('wait') ?? Number.NaN)
  return {
    ...(Number.isFinite(seconds) && seconds > 0 ? { waitMs: seconds * 1_000 } : {}),
    hasStatistics: valueOf('include-statistics') === 'true',
    hasRender: valueOf('include-render') === 'true',
  }
}

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import type { AskingOptions } from '../reading/options.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'

/** What ARM addresses need behind the question mark. */
export const apiVersion = 'api-version=2022-06-01'
/** The subscription and resource group in which a server without Azure keeps its rules. */
const subscription = '/subscriptions/00000000-0000-0000-0000-000000000000'
/** Where rules are that commands make. */
export const rulesOfGroup = `${subscription}/resourceGroups/tidemark/providers/Microsoft.Insights/dataCollectionRules`

/** A rule as the server answers with it. */
export interface StoredRule {
  readonly id: string
  readonly name: string
  readonly etag: string
  readonly location: string
  readonly properties: Readonly<Record<string, unknown>> & { readonly immutableId: string }
}

/** Every rule of the own subscription. */
export async function listRules(client: ServerClient): Promise<readonly StoredRule[]> {
  const rules: StoredRule[] = []
  let path: string | undefined = `${subscription}/providers/Microsoft.Insights/dataCollectionRules?${apiVersion}`
  while (path !== undefined) {
    const page: RulePage = await client.call<RulePage>('GET', path)
    rules.push(...page.value)
    // The server writes its public address, which may not be the one that is asked here.
    const next: URL | undefined = page.nextLink === undefined ? undefined : new URL(page.nextLink)
    path = next && `${next.pathname}${next.search}`
  }
  return rules
}

interface RulePage {
  readonly value: readonly StoredRule[]
  readonly nextLink?: string
}

/** The rule of a name, whatever its letter case; throws `CommandError` with the known ones where there is none. */
export async function findRule(client: ServerClient, name: string): Promise<StoredRule> {
  const rules = await listRules(client)
  const rule = rules.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (rule) return rule
  throw new CommandError(
    'not-found',
    `no rule is named "${name}"; known: ${rules.map((one) => one.name).join(', ') || 'none'}`,
    { exitCode: exitCodes.trouble },
  )
}

/** ARM ids of machines by their names; throws `CommandError` with the known ones for a name that none has. */
export async function machinesNamed(client: ServerClient, names: readonly string[]): Promise<string[]> {
  const known = await client.machines()
  return names.map((name) => {
    const machine = known.find((one) => one.computer.toLowerCase() === name.toLowerCase())
    if (machine) return machine.resourceId
    throw new CommandError(
      'not-found',
      `no machine is named "${name}"; known: ${known.map((one) => one.computer).join(', ') || 'none'}`,
      { exitCode: exitCodes.usage },
    )
  })
}

/** The server that the options, or the installation here, name. */
export function clientOf(context: CommandContext, options: AskingOptions): ServerClient {
  return new ServerClient(findServer(options, context), context.signal)
}

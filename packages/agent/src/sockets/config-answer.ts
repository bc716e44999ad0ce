import { problemsText } from '@tidemark/base'
import { configRequest, type ConfigResponse, extensionName, problemOf } from '@tidemark/model'

import type { RuleInForce } from '../rules/config-chunks.ts'

/** The JSON text that answers a request on the config socket (protocol: configuration over the extension socket). */
export function answerConfigRequest(text: string, rules: readonly RuleInForce[]): string {
  const request = parseRequest(text)
  if (typeof request === 'string') return answer({ description: request, configurations: [], tag: extensionName })
  const { Tag: tag } = request
  const configurations = rules.flatMap(({ chunk }) => chunk.extensionConfigurations[tag] ?? [])
  const isKnown = configurations.length > 0 || tag === extensionName
  return answer({
    request,
    tag,
    configurations,
    ...(isKnown ? {} : { description: `no rule has a data source for the extension "${tag}"` }),
  })
}

function parseRequest(text: string): ReturnType<typeof configRequest.parse> | string {
  try {
    const read = configRequest.safeParse(JSON.parse(text))
    return read.success ? read.data : `the request is wrong: ${problemsText(read.error.issues.map(problemOf))}`
  } catch (error) {
    return `the request is no JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}

function answer(facts: {
  readonly request?: { readonly Request: string; readonly RequestId: string; readonly Version: string }
  readonly tag: string
  readonly configurations: readonly unknown[]
  readonly description?: string
}): string {
  const { request, tag, configurations, description } = facts
  const response: ConfigResponse = {
    Request: request?.Request ?? 'AgentTaggedData',
    RequestId: request?.RequestId ?? '',
    Version: request?.Version ?? '1',
    Success: description === undefined,
    Description: description ?? '',
    // Never empty: a client that parses it before it looks at Success must not fail.
    TaggedData: JSON.stringify({
      schemaVersion: 1,
      version: '1',
      extensionName: tag,
      extensionConfigurations: configurations,
      outputStreamDefinitions: {},
    }),
  }
  return JSON.stringify(response)
}

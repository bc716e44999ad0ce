import { problemsText } from '@tidemark/base'
import {
  configRequest,
  type ConfigResponse,
  extensionName,
  type MachineQuestion,
  problemOf,
  questionsRequest,
} from '@tidemark/model'

import type { RuleInForce } from '../rules/config-chunks.ts'

/** The JSON text that answers a request on the config socket (protocol: configuration over the extension socket). */
export function answerConfigRequest(text: string, rules: readonly RuleInForce[]): string {
  const request = parseRequest(text)
  if (typeof request === 'string')
    return answer({ request: echoOf(text), description: request, configurations: [], tag: extensionName })
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

/** Whether a request asks for what the server wants to know, not for the configuration. */
export function asksForQuestions(text: string): boolean {
  // Requests for the configuration are many: only what may be one is read.
  return text.includes(questionsRequest) && echoOf(text).Request === questionsRequest
}

/** The JSON text that answers such a request. */
export function answerWithQuestions(text: string, questions: readonly MachineQuestion[]): string {
  const { Request, RequestId, Version } = echoOf(text)
  const TaggedData = JSON.stringify({ questions })
  const response: ConfigResponse = { Request, RequestId, Version, Success: true, Description: '', TaggedData }
  return JSON.stringify(response)
}

interface Request {
  readonly Request: string
  readonly RequestId: string
  readonly Version: string
  readonly Tag: string
}

/** A request as it was meant: what clients differ in is taken either way. Text says why it is none. */
function parseRequest(text: string): Request | string {
  const document = parseJson(text)
  if (document instanceof Error) return `the request is no JSON: ${document.message}`
  const read = configRequest.safeParse(textFields(document))
  return read.success ? read.data : `the request is wrong: ${problemsText(read.error.issues.map(problemOf))}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Some clients write the version as a number, or leave it out, and the id of the request with it. */
function textFields(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document
  const fields = Object.entries(document).map(([name, value]) => [
    name,
    typeof value === 'number' ? String(value) : value,
  ])
  return { Version: '1', RequestId: '', ...Object.fromEntries(fields) }
}

/** What an answer to a request that is none can still repeat of it. */
function echoOf(text: string): Omit<Request, 'Tag'> {
  const fields = textFields(parseJson(text))
  const record: object = typeof fields === 'object' && fields !== null ? fields : {}
  const textAt = (name: string, otherwise: string): string => {
    const value: unknown = Reflect.get(record, name)
    return typeof value === 'string' ? value : otherwise
  }
  return {
    Request: textAt('Request', 'AgentTaggedData'),
    RequestId: textAt('RequestId', ''),
    Version: textAt('Version', '1'),
  }
}

function answer(facts: {
  readonly request: Omit<Request, 'Tag'>
  readonly tag: string
  readonly configurations: readonly unknown[]
  readonly description?: string
}): string {
  const { request, tag, configurations, description } = facts
  const response: ConfigResponse = {
    Request: request.Request,
    RequestId: request.RequestId,
    Version: request.Version,
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

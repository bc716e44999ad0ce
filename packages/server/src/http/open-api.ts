import { queryRequest, registerMachineRequest, sessionRequest } from '@tidemark/model'
import { z } from 'zod'

import type { Right } from '../access/rights.ts'
import { version } from '../version.ts'

interface Operation {
  readonly summary: string
  readonly body?: z.ZodType
  readonly answers: Readonly<Record<string, string>>
  /** Who may ask; by default whoever has `right`, by a token or a session. */
  readonly who?: 'anybody' | 'machine' | 'upload'
  /** `read` where nothing is said. */
  readonly right?: Right
  /** Names of what is behind the question mark. */
  readonly query?: readonly string[]
}

const refused = { '400': 'The request has a mistake; `error` tells which and where', '401': 'Not signed in' } as const
const readable = {
  '401': 'Not signed in',
  '403': 'The token lacks the right for it',
  '404': 'No machine of the workspace uploaded it',
  '503': 'The content store is away',
} as const

const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/healthz': {
    get: { summary: 'Whether requests can be answered', who: 'anybody', answers: { '200': 'Yes', '503': 'Not now' } },
  },
  '/api/about': {
    get: { summary: 'Version, workspace and clock', answers: { '200': 'AboutView', '401': 'Not signed in' } },
  },
  '/api/session': {
    get: { summary: 'Whether this browser is signed in', answers: { '200': 'It is', '401': 'It is not' } },
    post: {
      summary: 'Sign a browser in',
      who: 'anybody',
      body: sessionRequest,
      answers: { '200': 'Signed in; sets the cookie', '401': 'Not the token', '429': 'Too many wrong tokens' },
    },
    delete: { summary: 'Sign this browser out', who: 'anybody', answers: { '204': 'Done' } },
  },
  '/api/machines': {
    get: {
      summary: 'All machines, those that need attention first',
      answers: { '200': '{ machines: MachineView[] }', '401': 'Not signed in' },
    },
    post: {
      summary: 'Make a machine known; its token is told this once',
      right: 'machines:write',
      body: registerMachineRequest,
      answers: { '201': 'RegisterMachineAnswer', ...refused },
    },
  },
  '/api/live': {
    get: {
      summary: 'Server-sent events: rows that arrive',
      answers: { '200': 'text/event-stream; event `rows` with LiveRows', '401': 'Not signed in' },
    },
  },
  '/v1/workspaces/{workspaceId}/query': {
    post: {
      summary: 'Run KQL',
      body: queryRequest,
      answers: { '200': 'Tables; with `error` a partial answer', ...refused },
    },
  },
  '/v1/contents/{hash}': {
    get: {
      summary: 'A kept content as it is, secrets included',
      right: 'content:read-unredacted',
      answers: { '200': 'Its bytes', '304': 'As before', ...readable },
    },
  },
  '/v1/contents/{hash}/text': {
    get: {
      summary:
        'A kept content as text; likely secrets are hidden unless unredacted=1, which asks for a right of its own',
      right: 'content:read',
      query: ['unredacted'],
      answers: { '200': 'ContentText', ...readable },
    },
  },
  '/v1/contents/diff': {
    get: {
      summary: 'What differs between two kept contents, line by line, as they are shown',
      right: 'content:read',
      query: ['from', 'to', 'unredacted'],
      answers: { '200': 'ContentDiff', '400': 'from or to is no SHA-256', ...readable },
    },
  },
  '/ods/{workspaceId}/OperationalData.svc/PostJsonDataItems': {
    post: {
      summary: 'Upload rows of one data type',
      who: 'upload',
      answers: { '200': 'The store has them', '400': 'Never send this again', '413': 'Too large', '503': 'Later' },
    },
  },
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights/dataCollectionRules': {
    get: { summary: 'Rules of a resource group', answers: { '200': '{ value: rules }', '401': 'Not signed in' } },
  },
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights/dataCollectionRules/{name}': {
    get: { summary: 'A rule', answers: { '200': 'The rule', '404': 'There is none' } },
    put: {
      summary: 'Create or replace a rule',
      right: 'rules:write',
      answers: { '200': 'Replaced', '201': 'Created', '412': 'The ETag differs', ...refused },
    },
    patch: {
      summary: 'Change its tags',
      right: 'rules:write',
      answers: { '200': 'Done', '404': 'There is none', ...refused },
    },
    delete: { summary: 'Delete it', right: 'rules:write', answers: { '200': 'Deleted', '204': 'There was none' } },
  },
  '/subscriptions/{subscription}/providers/Microsoft.Insights/dataCollectionRules': {
    get: { summary: 'Rules of a subscription', answers: { '200': '{ value: rules }', '401': 'Not signed in' } },
  },
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights/dataCollectionRules/{name}/associations':
    {
      get: { summary: 'Associations of a rule', answers: { '200': '{ value: associations }', '401': 'Not signed in' } },
    },
  '/{resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations': {
    get: {
      summary: 'Associations of a machine',
      answers: { '200': '{ value: associations }', '401': 'Not signed in' },
    },
  },
  '/{resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations/{name}': {
    get: { summary: 'An association', answers: { '200': 'The association', '404': 'There is none' } },
    put: {
      summary: 'Associate a machine with a rule',
      right: 'rules:write',
      answers: { '200': 'Replaced', '201': 'Created', ...refused },
    },
    delete: { summary: 'Take it away', right: 'rules:write', answers: { '200': 'Done', '204': 'There was none' } },
  },
  '/locations/{region}/{resourceId}/agentConfigurations': {
    get: {
      summary: "A machine's rules",
      who: 'machine',
      answers: { '200': 'Configurations', '304': 'As before', '401': 'Not the token of a machine' },
    },
  },
  '/locations/{region}/{resourceId}/agentConfigurations/{rule}/channels/{channel}/issueIngestionToken': {
    get: {
      summary: 'A token for uploads to a channel of a rule',
      who: 'machine',
      answers: { '200': 'The token', '401': 'Not the token of a machine', '404': 'No such rule or channel' },
    },
  },
  '/api/openapi.json': { get: { summary: 'This description', who: 'anybody', answers: { '200': 'OpenAPI 3.1' } } },
}

/** The API as OpenAPI 3.1. */
export function openApi(): Record<string, unknown> {
  const paths = Object.entries(operations).map(([path, methods]) => [
    path,
    Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, described(path, operation)])),
  ])
  return {
    openapi: '3.1.0',
    info: { title: 'Tidemark', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'tidemark_session' },
      },
    },
    paths: Object.fromEntries(paths),
  }
}

function described(
  path: string,
  { summary, body, answers, who, right = 'read', query = [] }: Operation,
): Record<string, unknown> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  return {
    summary,
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...query.map((name) => ({ name, in: 'query', required: name !== 'unredacted', schema: { type: 'string' } })),
    ],
    ...(who === undefined ? { 'x-right': right } : {}),
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: z.toJSONSchema(body) } } } }
      : {}),
    responses: Object.fromEntries(Object.entries(answers).map(([status, description]) => [status, { description }])),
    security: who === 'anybody' ? [] : who === undefined ? [{ token: [] }, { session: [] }] : [{ token: [] }],
  }
}

import type { Operation, Operations } from './operation.ts'
import { refused } from './refusals.ts'

const VERSION = 'api-version=2022-06-01'
const list = ['api-version', '$skipToken?'] as const
const paged = { '200': '{ value, nextLink? }', ...refused } as const
const changed = { '200': 'Replaced', '201': 'Created', '412': 'The ETag differs', ...refused } as const

function reading(summary: string, answer: object): Operation {
  return {
    summary,
    right: 'rules:read',
    query: list,
    answers: paged,
    example: { query: VERSION, status: 200, answer },
  }
}

interface NamedKind {
  readonly noun: string
  readonly body: object
  readonly shown: object
}

/** What is kept under a name in a resource group. */
function named({ noun, body, shown }: NamedKind): Readonly<Record<string, Operation>> {
  const writing = { right: 'rules:write', query: ['api-version'] } as const
  return {
    put: {
      summary: `Create or replace ${noun}; If-Match and If-None-Match are honoured`,
      ...writing,
      answers: changed,
      example: { query: VERSION, body, status: 201, answer: shown },
    },
    get: {
      ...reading(noun, shown),
      answers: { '200': noun, '304': 'As before', '404': 'There is none', ...refused },
    },
    patch: {
      summary: `Change the tags of ${noun}`,
      ...writing,
      answers: { '200': 'Done', '404': 'There is none', '412': 'The ETag differs', ...refused },
      example: {
        query: VERSION,
        body: { tags: { team: 'a' } },
        status: 200,
        answer: { ...shown, tags: { team: 'a' } },
      },
    },
    delete: {
      summary: `Delete ${noun}, and its associations`,
      ...writing,
      answers: { '200': 'Deleted', '204': 'There was none', '412': 'The ETag differs', ...refused },
      example: { query: VERSION, status: 200 },
    },
  }
}

const rule: NamedKind = {
  noun: 'a rule',
  body: {
    location: 'local',
    properties: {
      destinations: { logAnalytics: [{ name: 'here' }] },
      dataFlows: [
        { streams: ['Custom-Changes'], destinations: ['here'], outputStream: 'Microsoft-ConfigurationChange' },
      ],
    },
  },
  shown: { id: '…', name: 'mine', type: '…', location: 'local', etag: '"…"', properties: { immutableId: 'dcr-…' } },
}
const endpoint: NamedKind = {
  noun: 'an endpoint',
  body: { location: 'local' },
  shown: { id: '…', name: 'door', etag: '"…"', properties: { logsIngestion: { endpoint: 'https://…' } } },
}

const group = '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights'
const subscription = '/subscriptions/{subscription}/providers/Microsoft.Insights'
const associations = '/{resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations'
const tied = { id: '…', name: 'tie', etag: '"…"', properties: { dataCollectionRuleId: '…', description: '' } }

/** Addresses of rules, endpoints and associations, as ARM has them. */
export const ruleOperations: Operations = {
  [`${group}/dataCollectionRules/{name}`]: named(rule),
  [`${group}/dataCollectionRules`]: { get: reading('Rules of a resource group', { value: [{ id: '…', name: '…' }] }) },
  [`${subscription}/dataCollectionRules`]: {
    get: reading('Rules of a subscription', { value: [{ id: '…', name: '…' }] }),
  },
  [`${group}/dataCollectionRules/{name}/associations`]: {
    get: { ...reading('Associations of a rule', { value: [] }), query: [...list, '$top?'] },
  },
  [`${group}/dataCollectionEndpoints/{name}`]: named(endpoint),
  [`${group}/dataCollectionEndpoints`]: { get: reading('Endpoints of a resource group', { value: [] }) },
  [`${subscription}/dataCollectionEndpoints`]: { get: reading('Endpoints of a subscription', { value: [] }) },
  [`${group}/dataCollectionEndpoints/{name}/associations`]: {
    get: reading('Associations of an endpoint', { value: [] }),
  },
  [associations]: { get: reading('Associations of a machine', { value: [] }) },
  [`${associations}/{name}`]: {
    put: {
      summary: 'Associate a machine with a rule, or with an endpoint',
      right: 'rules:write',
      query: ['api-version'],
      answers: changed,
      example: {
        query: VERSION,
        body: { properties: { dataCollectionRuleId: '{ruleId}' } },
        status: 201,
        answer: tied,
      },
    },
    get: { ...reading('An association', tied), answers: { '200': 'It', '404': 'There is none', ...refused } },
    delete: {
      summary: 'Take it away',
      right: 'rules:write',
      query: ['api-version'],
      answers: { '200': 'Done', '204': 'There was none', '412': 'The ETag differs', ...refused },
      example: { query: VERSION, status: 200 },
    },
  },
}

import { queryRequest } from '@tidemark/model'

import type { Operations } from './operation.ts'
import { refused } from './refusals.ts'

const readable = {
  ...refused,
  '404': 'No machine of the workspace uploaded it',
  '503': 'The content store is away',
} as const
const notKept = { status: 404, answer: { error: { code: 'ContentNotFound', message: '…' } } } as const
const asked = { query: 'ConfigurationChange | summarize count() by ConfigChangeType', timespan: 'P1D' } as const
const tables = [{ name: 'PrimaryResult', columns: [{ name: 'ConfigChangeType', type: 'string' }], rows: [] }]
const answers = {
  '200': 'Tables; with `error` a partial answer. CSV, NDJSON or Arrow where Accept or `format` says so',
  '404': 'No workspace or resource that the token may see',
  '406': 'A format that is not known',
  '504': 'It took too long',
  ...refused,
} as const

/** Addresses of what machines reported: queries, feeds, exports, contents. */
export const dataOperations: Operations = {
  '/v1/workspaces/{workspaceId}/query': {
    post: {
      summary: 'Run KQL over a workspace; Prefer: wait=…, include-statistics=true, include-render=true',
      body: queryRequest,
      query: ['format?'],
      answers,
      example: { body: asked, status: 200, answer: { tables } },
    },
  },
  '/v1/{resourceId}/query': {
    post: {
      summary: 'Run KQL over the rows of a machine, a resource group, a subscription, or a workspace by its ARM id',
      body: queryRequest,
      query: ['format?'],
      answers,
      example: { body: asked, status: 200, answer: { tables } },
    },
  },
  '/v1/$batch': {
    post: {
      summary: 'Run several queries; the answers come in their order',
      answers: { '200': '{ responses: [{ id, status, body }] }', ...refused },
      example: {
        body: { requests: [{ id: '1', workspace: 'default', path: '/query', method: 'POST', body: asked }] },
        status: 200,
        answer: { responses: [{ id: '1', status: 200, headers: {}, body: { tables } }] },
      },
    },
  },
  '/v1/workspaces/{workspaceId}/tables/{table}/export': {
    get: {
      summary: 'All rows of a table, or of a timespan, as NDJSON, CSV or Arrow',
      query: ['format?', 'timespan?'],
      answers: {
        '200': 'Rows, as they are read',
        '404': 'No such workspace or table',
        '406': 'An unknown format',
        ...refused,
      },
      example: { query: 'format=csv&timespan=P1D', status: 200 },
    },
  },
  '/changes': {
    get: {
      summary: 'What arrived behind a cursor, in the order of arrival; with Accept: text/event-stream as it arrives',
      query: ['after?', 'table?', 'workspace?', 'computer?', 'type?', 'limit?'],
      answers: { '200': '{ changes, after, hasMore }, or events `change`', '404': 'No such workspace', ...refused },
      example: {
        query: 'after=latest&limit=100',
        status: 200,
        answer: { changes: [], after: 'WzEs…', hasMore: false },
      },
    },
  },
  '/api/live': {
    get: {
      summary: 'Server-sent events: in which table rows arrived',
      answers: { '200': 'text/event-stream; event `rows` with LiveRows', ...refused },
      example: { status: 200 },
    },
  },
  '/dataCollectionRules/{rule}/streams/{stream}': {
    post: {
      summary:
        'Logs Ingestion: rows, a JSON array, for a stream of a rule; x-ms-client-request-id tells one that comes again',
      right: 'ingest',
      query: ['api-version'],
      answers: {
        '204': 'The store has them',
        '404': 'No such rule',
        '413': 'More than 1 MiB',
        '503': 'Later',
        ...refused,
      },
      example: {
        query: 'api-version=2023-01-01',
        body: [{ TimeGenerated: '2026-11-24T10:00:00Z', Computer: 'web-1' }],
        status: 204,
      },
    },
  },
  '/v1/contents/{hash}': {
    get: {
      summary: 'A kept content as it is, secrets included',
      right: 'content:read-unredacted',
      answers: { '200': 'Its bytes', '304': 'As before', ...readable },
      example: notKept,
    },
  },
  '/v1/contents/{hash}/text': {
    get: {
      summary:
        'A kept content as text; likely secrets are hidden unless unredacted=1, which asks for a right of its own',
      right: 'content:read',
      query: ['unredacted?'],
      answers: { '200': 'ContentText', ...readable },
      example: notKept,
    },
  },
  '/v1/contents/diff': {
    get: {
      summary: 'What differs between two kept contents, line by line, as they are shown',
      right: 'content:read',
      query: ['from', 'to', 'unredacted?'],
      answers: { '200': 'ContentDiff', ...readable },
      example: { ...notKept, query: `from=${'0'.repeat(64)}&to=${'1'.repeat(64)}` },
    },
  },
}

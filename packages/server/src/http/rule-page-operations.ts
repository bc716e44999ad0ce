import { forecastRequest, restoreRequest } from '@tidemark/model'

import type { Operations } from './operation.ts'
import { refused } from './refusals.ts'

const when = '2026-11-24T10:00:00.000Z'
const version = { version: 1, savedAt: when, savedBy: 'admin', restoredFrom: null } as const
const summary = {
  immutableId: 'dcr-…',
  id: '/subscriptions/…',
  name: 'mine',
  description: '',
  version: 1,
  savedAt: when,
  savedBy: 'admin',
  isTracking: true,
  tracks: ['files'],
  entryCount: 1,
  enabledCount: 1,
  keepsContent: false,
  frequencies: { files: 900, software: 300, daemons: 300 },
  machineCount: 0,
  targets: [],
} as const
const detail = { ...summary, etag: '"…"', document: { properties: {} }, associated: [], machines: [] } as const
const settings = { fileSettings: { fileInfo: [{ name: 'ssh', destinationPath: '/etc/ssh/*' }] } } as const
const machine =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tidemark/providers/Microsoft.HybridCompute/machines/web-1'
const tally = {
  files: 2,
  folders: 1,
  links: 0,
  others: 0,
  bytes: 4_096,
  read: { files: 2, bytes: 4_096 },
  kept: { files: 0, bytes: 0 },
  largest: [{ path: '/etc/ssh/moduli', bytes: 4_000 }],
} as const
const forecast = {
  id: '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab',
  askedAt: when,
  deadlineAt: when,
  isDone: false,
  machines: [{ resourceId: machine, computer: 'web-1', state: 'away', detail: 'no heartbeat yet' }],
} as const

/** Addresses of the rules' page: versions, targets, forecasts; and of the machines that are asked for one. */
export const rulePageOperations: Operations = {
  '/api/rules': {
    get: {
      summary: 'Rules, with what they come to',
      right: 'rules:read',
      answers: { '200': '{ rules: RuleSummary[] }', ...refused },
      example: { status: 200, answer: { rules: [summary] } },
    },
  },
  '/api/rules/schema': {
    get: {
      summary: 'JSON Schema of a rule, for editors',
      right: 'rules:read',
      answers: { '200': 'JSON Schema 2020-12', ...refused },
      example: { status: 200, answer: { title: 'Data collection rule', properties: { properties: {} } } },
    },
  },
  '/api/rules/{rule}': {
    get: {
      summary: 'A rule as it was saved last, with its machines; {rule} is its immutable id',
      right: 'rules:read',
      answers: { '200': 'RuleDetail', '404': 'There is none', ...refused },
      example: { status: 200, answer: detail },
    },
  },
  '/api/rules/{rule}/versions': {
    get: {
      summary: 'Saved versions, newest first; at most 100, those before a version with ?before=',
      right: 'rules:read',
      query: ['before?'],
      answers: { '200': '{ versions: RuleVersion[] }', '404': 'There is no such rule', ...refused },
      example: { query: 'before=9', status: 200, answer: { versions: [version] } },
    },
  },
  '/api/rules/{rule}/versions/{version}': {
    get: {
      summary: 'One saved version with its document',
      right: 'rules:read',
      answers: { '200': 'RuleVersionDetail', '404': 'There is none', ...refused },
      example: { status: 200, answer: { ...version, document: { properties: {} } } },
    },
  },
  '/api/rules/{rule}/restore': {
    post: {
      summary: 'Make what a version says the newest version; If-Match is honoured',
      right: 'rules:write',
      body: restoreRequest,
      answers: { '200': 'RuleDetail', '404': 'There is none', '412': 'The ETag differs', ...refused },
      example: { body: { version: 1 }, status: 200, answer: detail },
    },
  },
  '/api/rules/{rule}/targets': {
    put: {
      summary: 'Say for which machines a rule is: all, those of a name, those of a machine group',
      right: 'rules:write',
      answers: { '200': 'RuleDetail', '404': 'There is no such rule', ...refused },
      example: {
        body: { targets: [{ kind: 'name', pattern: 'db-*' }] },
        status: 200,
        answer: { ...detail, targets: [{ kind: 'name', pattern: 'db-*' }] },
      },
    },
  },
  '/api/forecasts': {
    post: {
      summary: 'Ask machines what settings would track there, before they are saved',
      right: 'rules:write',
      body: forecastRequest,
      answers: { ...refused, '201': 'ForecastView', '429': 'Too often, or too many forecasts are waited for' },
      example: { body: { extensionSettings: settings, machines: [machine] }, status: 201, answer: forecast },
    },
  },
  '/api/forecasts/{forecast}': {
    get: {
      summary: 'What the machines have answered so far',
      right: 'rules:write',
      answers: { '200': 'ForecastView', '404': 'There is none', ...refused },
      example: { status: 200, answer: forecast },
    },
    delete: {
      summary: 'Wait no longer',
      right: 'rules:write',
      answers: { '204': 'Done', '404': 'There is none', ...refused },
      example: { status: 204 },
    },
  },
  '/locations/{region}/{resourceId}/agentQuestions': {
    get: {
      summary:
        'What is wanted to be known of a machine; x-tidemark-questions in any answer to it says that there is something',
      who: 'machine',
      query: ['api-version'],
      answers: { '200': '{ questions: MachineQuestion[] }', '401': 'Not the token of a machine', '429': 'Too often' },
      example: {
        query: 'api-version=2022-06-02',
        status: 200,
        answer: { questions: [{ id: forecast.id, kind: 'forecast', secondsLeft: 180, extensionSettings: {} }] },
      },
    },
  },
  '/locations/{region}/{resourceId}/agentQuestions/{question}': {
    post: {
      summary: 'The answer of a machine',
      who: 'machine',
      query: ['api-version'],
      answers: {
        '204': 'Taken',
        '400': 'Never send this again',
        '401': 'Not the token of a machine',
        '404': 'Nobody waits for it',
        '413': 'Too large',
      },
      example: {
        query: 'api-version=2022-06-02',
        body: {
          kind: 'forecast',
          forecast: {
            entries: [{ name: 'ssh', destinationPath: '/etc/ssh/*', enabled: true, tally }],
            all: tally,
            excluded: [],
            blind: { paths: 0, first: [] },
            baseline: { busySeconds: 0.1, seconds: 0.2 },
            rescan: { busySeconds: 0.01, seconds: 0.02 },
            warnings: [],
          },
        },
        status: 204,
      },
    },
  },
}

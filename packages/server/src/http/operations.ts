import {
  apiTokenRequest,
  backupRequest,
  registerMachineRequest,
  retentionRequest,
  sessionRequest,
  uploadPath,
  workspaceRequest,
} from '@tidemark/model'

import { dataOperations } from './data-operations.ts'
import { enrolmentOperations } from './enrolment-operations.ts'
import { groupOperations } from './group-operations.ts'
import { languageOperations } from './language-operations.ts'
import type { Operations } from './operation.ts'
import { refused } from './refusals.ts'
import { ruleOperations } from './rule-operations.ts'
import { rulePageOperations } from './rule-page-operations.ts'

const token = {
  id: '9a3c0b0e-7d2a-4a43-9f0b-0123456789ab',
  name: 'dashboard',
  scopes: ['read'],
  workspaces: [],
  createdBy: 'admin',
  createdAt: '2026-11-24T10:00:00.000Z',
  expiresAt: '2030-01-01T00:00:00.000Z',
} as const
const workspace = { id: '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab', name: 'default', isDefault: true } as const

const accessOperations: Operations = {
  '/healthz': {
    get: {
      summary: 'Whether requests can be answered',
      who: 'anybody',
      answers: { '200': 'Yes', '503': 'Not now' },
      example: { status: 200, answer: { isReady: true } },
    },
  },
  '/api/openapi.json': {
    get: {
      summary: 'This description',
      who: 'anybody',
      answers: { '200': 'OpenAPI 3.1' },
      example: { status: 200, answer: { openapi: '3.1.0' } },
    },
  },
  '/api/about': {
    get: {
      summary: 'Version, workspace and clock',
      answers: { '200': 'AboutView', ...refused },
      example: { status: 200, answer: { version: '0.1.0', workspaceId: workspace.id, now: token.createdAt } },
    },
  },
  '/api/storage': {
    get: {
      summary: 'What the store keeps on disk',
      answers: { '200': 'StorageView', ...refused },
      example: { status: 200, answer: { bytes: 1_024, tables: [{ name: 'Heartbeat', rows: 1, bytes: 1_024 }] } },
    },
  },
  '/api/session': {
    get: {
      summary: 'Whether this browser is signed in',
      answers: { '200': 'SessionView', ...refused },
      example: { status: 200, answer: { isSignedIn: true, rights: ['read'] } },
    },
    post: {
      summary: 'Sign a browser in',
      who: 'anybody',
      body: sessionRequest,
      answers: { '200': 'Signed in; sets the cookie', '401': 'Not the token', '429': 'Too many wrong tokens' },
      example: {
        body: { token: 'tm_api_…' },
        status: 401,
        answer: { error: { code: 'AuthenticationFailed', message: '…' } },
      },
    },
    delete: { summary: 'Sign this browser out', who: 'anybody', answers: { '204': 'Done' }, example: { status: 204 } },
  },
  '/api/tokens': {
    get: {
      summary: 'API tokens, without their secrets',
      right: 'access:write',
      answers: { '200': '{ tokens: ApiTokenView[] }', ...refused },
      example: { status: 200, answer: { tokens: [{ ...token, expiresAt: null }] } },
    },
    post: {
      summary: 'Make an API token; it is told this once',
      right: 'access:write',
      body: apiTokenRequest,
      answers: { '201': 'ApiTokenAnswer', '409': 'There are too many', ...refused },
      example: {
        body: { name: token.name, scopes: token.scopes, expiresAt: token.expiresAt },
        status: 201,
        answer: { ...token, token: 'tm_api_…' },
      },
    },
  },
  '/api/tokens/{id}': {
    delete: {
      summary: 'Revoke an API token, and end its sessions',
      right: 'access:write',
      answers: { '204': 'Done', '404': 'There is none', ...refused },
      example: { status: 204 },
    },
  },
  '/api/workspaces': {
    get: {
      summary: 'Workspaces that the token may see',
      answers: { '200': '{ workspaces: WorkspaceView[] }', ...refused },
      example: { status: 200, answer: { workspaces: [workspace] } },
    },
    post: {
      summary: 'Make a workspace',
      right: 'access:write',
      body: workspaceRequest,
      answers: { '201': 'WorkspaceView', '409': 'The name is taken, or there are too many', ...refused },
      example: { body: { name: 'staging' }, status: 201, answer: { ...workspace, name: 'staging', isDefault: false } },
    },
  },
}

const kept = { ConfigurationChange: null, Heartbeat: 30 } as const
const upkeepOperations: Operations = {
  '/api/retention': {
    get: {
      summary: 'How many days rows of each table are kept; null is for ever',
      answers: { '200': 'RetentionView', '501': 'A cluster keeps the rows', ...refused },
      example: { status: 200, answer: { days: { ConfigurationChange: null } } },
    },
    put: {
      summary: 'Keep rows of tables for so many days; tables that are not named stay as they are',
      right: 'store:write',
      body: retentionRequest,
      answers: { '200': 'RetentionView', '501': 'A cluster keeps the rows', ...refused },
      example: { body: { days: kept }, status: 200, answer: { days: kept } },
    },
  },
  '/api/backups': {
    post: {
      summary: 'Write a backup into a folder of the server’s machine; the answer comes when it is whole',
      right: 'store:write',
      body: backupRequest,
      answers: {
        '201': 'BackupView',
        '409': 'One is being written',
        '501': 'Rows or metadata are elsewhere',
        ...refused,
      },
      example: {
        body: { folder: '/proc/nowhere' },
        status: 400,
        answer: { error: { code: 'BadRequest', message: '…' } },
      },
    },
  },
}

const machineId =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tidemark/providers/Microsoft.HybridCompute/machines/web-1'

const machineOperations: Operations = {
  '/api/machines': {
    get: {
      summary: 'All machines, those that need attention first',
      answers: { '200': '{ machines: MachineView[] }', ...refused },
      example: {
        status: 200,
        answer: { machines: [{ computer: 'web-1', resourceId: machineId, status: 'new', rulesInForce: [] }] },
      },
    },
    post: {
      summary: 'Make a machine known; its token is told this once',
      right: 'machines:write',
      body: registerMachineRequest,
      answers: { '201': 'RegisterMachineAnswer', ...refused },
      example: {
        body: { computer: 'web-1', sourceComputerId: '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab' },
        status: 201,
        answer: { resourceId: machineId, region: 'local', token: 'tm_machine_…' },
      },
    },
  },
  '/locations/{region}/{resourceId}/agentConfigurations': {
    get: {
      summary: "A machine's rules",
      who: 'machine',
      query: ['api-version'],
      answers: { '200': 'Configurations', '304': 'As before', '401': 'Not the token of a machine', '429': 'Too often' },
      example: { query: 'api-version=2022-06-02', status: 200, answer: { configurations: [{ op: 'added' }] } },
    },
  },
  '/locations/{region}/{resourceId}/agentConfigurations/{rule}/channels/{channel}/issueIngestionToken': {
    get: {
      summary: 'A token for uploads to a channel of a rule',
      who: 'machine',
      query: ['api-version'],
      answers: { '200': 'The token', '401': 'Not the token of a machine', '404': 'No such rule or channel' },
      example: {
        query: 'api-version=2022-06-02',
        status: 200,
        answer: { configurationId: 'dcr-…', ingestionAuthToken: 'eyJ…' },
      },
    },
  },
  [`/ods/{workspaceId}${uploadPath.split('?')[0] ?? ''}`]: {
    post: {
      summary: 'Upload rows of one data type; X-Request-ID, a UUID, tells a batch that comes again',
      who: 'uploader',
      answers: {
        '200': 'The store has them, once',
        '400': 'Never send this again',
        '401': 'Not an ingestion token that is good',
        '413': 'Too large',
        '429': 'This machine sends too much at a time',
        '503': 'Later; Retry-After tells when',
      },
      example: {
        headers: { 'x-request-id': '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab' },
        body: { DataType: 'CONFIG_CHANGE_BLOB_V2', DataItems: [{ Computer: 'web-1', ConfigChangeType: 'Files' }] },
        status: 200,
      },
    },
  },
}

/** Every address of the server, the portal's own files excepted. */
export const operations: Operations = {
  ...accessOperations,
  ...upkeepOperations,
  ...groupOperations,
  ...enrolmentOperations,
  ...machineOperations,
  ...dataOperations,
  ...languageOperations,
  ...ruleOperations,
  ...rulePageOperations,
}

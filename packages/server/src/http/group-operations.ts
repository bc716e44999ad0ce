import { cloneGroupRequest, machineGroupRequest, validateGroupRequest } from '@tidemark/model'

import type { Operation, Operations } from './operation.ts'
import { refused } from './refusals.ts'

const wish = { name: 'web servers', query: 'Heartbeat | where Computer startswith "web"', description: '' } as const
const view = {
  ...wish,
  id: '9a3c0b0e-7d2a-4a43-9f0b-0123456789ab',
  etag: '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab',
  createdAt: '2026-11-24T10:00:00.000Z',
  updatedAt: '2026-11-24T10:00:00.000Z',
} as const
const one = { ...refused, '404': 'There is none of this id or name' } as const
const changed = { ...one, '409': 'Another one has the name', '412': 'The ETag differs' } as const

function changing(operation: Omit<Operation, 'right'>): Operation {
  return { ...operation, right: 'rules:write' }
}

/** Saved queries that say which machines are meant. */
export const groupOperations: Operations = {
  '/api/groups': {
    get: {
      summary: 'Machine groups, by name',
      answers: { '200': '{ groups: MachineGroupView[] }', ...refused },
      example: { status: 200, answer: { groups: [view] } },
    },
    post: changing({
      summary: 'Make a machine group of a query whose answer has a column Computer',
      body: machineGroupRequest,
      answers: { '201': 'MachineGroupView', '409': 'Another one has the name, or there are too many', ...refused },
      example: { body: { ...wish, name: 'database servers' }, status: 201, answer: view },
    }),
  },
  '/api/groups/validate': {
    post: {
      summary: 'Whether a query makes a group, its mistakes, and whose it would be',
      body: validateGroupRequest,
      answers: { '200': 'GroupCheckView', ...refused },
      example: {
        body: { query: wish.query },
        status: 200,
        answer: { isValid: true, message: '', problems: [], count: 0, machines: [] },
      },
    },
  },
  '/api/groups/{machineGroup}': {
    get: {
      summary: 'A machine group, by its id or name',
      answers: { '200': 'MachineGroupView', ...one },
      example: { status: 200, answer: view },
    },
    put: changing({
      summary: 'Replace a machine group; If-Match is honoured',
      body: machineGroupRequest,
      answers: { '200': 'MachineGroupView', ...changed },
      example: { body: wish, status: 200, answer: view },
    }),
    delete: changing({
      summary: 'Delete a machine group',
      answers: { '204': 'Done', ...changed },
      example: { headers: { 'if-match': '"another"' }, status: 412, answer: { error: { code: '…', message: '…' } } },
    }),
  },
  '/api/groups/{machineGroup}/clone': {
    post: changing({
      summary: 'Make a copy of a machine group',
      body: cloneGroupRequest,
      answers: { '201': 'MachineGroupView', ...changed },
      example: { body: { name: 'web servers, again' }, status: 201, answer: view },
    }),
  },
  '/api/groups/{machineGroup}/machines': {
    get: {
      summary: 'The machines of a group as its query finds them now: how many, and the first by name',
      query: ['top?'],
      answers: { '200': 'GroupMachinesView', ...one, '504': 'It took too long' },
      example: { query: 'top=10', status: 200, answer: { count: 0, machines: [] } },
    },
  },
}

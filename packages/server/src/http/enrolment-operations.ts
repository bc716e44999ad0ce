import {
  accessTokenRequest,
  createEnrolmentToken,
  enrolRequest,
  machineActionRequest,
  rotationRequest,
} from '@tidemark/model'

import type { Operations } from './operation.ts'
import { refused } from './refusals.ts'

const publicKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
} as const
const notBelieved = (code: string) => ({ status: 401, answer: { error: { code, message: '…' } } })
const view = {
  id: '9a3c0b0e-7d2a-4a43-9f0b-0123456789ab',
  description: 'rack 7',
  usesMax: 50,
  uses: 0,
  createdAt: '2026-11-24T10:00:00.000Z',
  expiresAt: '2026-12-01T10:00:00.000Z',
} as const

const aboutNoMachine = {
  body: machineActionRequest,
  answers: { '204': 'Done', '404': 'It is not known here', ...refused },
  example: {
    body: { resourceId: '/subscriptions/0/resourceGroups/g/providers/Microsoft.HybridCompute/machines/none' },
    status: 404,
    answer: { error: { code: 'NotFound', message: '…' } },
  },
} as const

/** What machines say to come in and to show themselves, and what people do about it. */
export const enrolmentOperations: Operations = {
  '/api/enrolment': {
    post: {
      summary: 'Make a machine known by its own key and an enrolment token',
      who: 'anybody',
      body: enrolRequest,
      answers: {
        '201': 'EnrolAnswer',
        '400': 'Wrong request',
        '401': 'Wrong token, signature or clock',
        '409': 'Is enrolled already',
      },
      example: {
        body: { token: 'tm_enrol_…', computer: 'web-1', sourceComputerId: view.id, publicKey, proof: 'eyJ…' },
        ...notBelieved('InvalidSignature'),
      },
    },
  },
  '/api/enrolment/access-token': {
    post: {
      summary: 'An access token for an assertion of a machine’s key',
      who: 'anybody',
      body: accessTokenRequest,
      answers: {
        '200': 'AccessTokenAnswer',
        '400': 'Wrong request',
        '401': 'Wrong key or clock',
        '403': 'Revoked',
        '409': 'The machine is a copy',
      },
      example: { body: { assertion: 'eyJ…' }, ...notBelieved('UnknownKey') },
    },
  },
  '/api/enrolment/rotation': {
    post: {
      summary: 'Put another key in the place of a machine’s',
      who: 'anybody',
      body: rotationRequest,
      answers: {
        '200': 'RotationAnswer',
        '400': 'Wrong request',
        '401': 'Wrong key or clock',
        '403': 'Revoked',
        '409': 'The machine is a copy',
      },
      example: { body: { assertion: 'eyJ…', publicKey, proof: 'eyJ…' }, ...notBelieved('InvalidSignature') },
    },
  },
  '/api/enrolment-tokens': {
    get: {
      summary: 'Enrolment tokens, without their secrets',
      right: 'machines:write',
      answers: { '200': '{ enrolmentTokens: EnrolmentTokenView[] }', ...refused },
      example: { status: 200, answer: { enrolmentTokens: [view] } },
    },
    post: {
      summary: 'Make an enrolment token; it is told this once',
      right: 'machines:write',
      body: createEnrolmentToken,
      answers: { '201': 'EnrolmentTokenView and token', ...refused },
      example: {
        body: { usesMax: 50, lifeSeconds: 604_800, description: view.description },
        status: 201,
        answer: { ...view, token: 'tm_enrol_…' },
      },
    },
  },
  '/api/enrolment-tokens/{id}': {
    delete: {
      summary: 'Make an enrolment token good for nothing',
      right: 'machines:write',
      answers: { '204': 'Done', '404': 'There is none', ...refused },
      example: { status: 404, answer: { error: { code: 'NotFound', message: '…' } } },
    },
  },
  '/api/machine-keys': {
    get: {
      summary: 'Keys of machines, and which were copied',
      right: 'machines:write',
      answers: { '200': '{ machineKeys: MachineKeyView[] }', ...refused },
      example: { status: 200, answer: { machineKeys: [] } },
    },
  },
  '/api/machine-keys/revocations': {
    post: {
      summary: 'Take nothing more from a machine, until it is enrolled again',
      right: 'machines:write',
      ...aboutNoMachine,
    },
  },
  '/api/machine-keys/restorations': {
    post: {
      summary: 'Take again what comes from a machine, by the key or the token that it had',
      right: 'machines:write',
      ...aboutNoMachine,
    },
  },
  '/api/machine-keys/rotations': {
    post: {
      summary: 'Let a machine make another key for itself, with its next access token',
      right: 'machines:write',
      ...aboutNoMachine,
    },
  },
  '/api/machine-actions': {
    get: {
      summary: 'What people did about machines, the newest first',
      right: 'machines:write',
      answers: { '200': '{ machineActions: MachineActionView[] }', ...refused },
      example: { status: 200, answer: { machineActions: [] } },
    },
  },
}

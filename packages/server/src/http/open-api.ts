import { z } from 'zod'

import { version } from '../version.ts'
import type { Operation } from './operation.ts'
import { operations } from './operations.ts'

/** The API as OpenAPI 3.1. `x-right` is the right that an operation asks for; its examples are run as tests. */
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

function described(path: string, operation: Operation): Record<string, unknown> {
  const { summary, answers, who, right = 'read', query = [], example } = operation
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const parameter = (name: string | undefined, place: 'path' | 'query'): object => ({
    name: name?.replace(/\?$/, ''),
    in: place,
    required: name?.endsWith('?') !== true,
    schema: { type: 'string' },
  })
  return {
    summary,
    parameters: [...names.map((name) => parameter(name, 'path')), ...query.map((name) => parameter(name, 'query'))],
    ...(who === undefined ? { 'x-right': right } : {}),
    ...requestBody(operation),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, description]) => [
        status,
        { description, ...(Number(status) === example.status ? json(example.answer) : {}) },
      ]),
    ),
    security: who === 'anybody' ? [] : who === undefined ? [{ token: [] }, { session: [] }] : [{ token: [] }],
  }
}

function requestBody({ body, example }: Operation): object {
  if (body === undefined && example.body === undefined) return {}
  const content = {
    schema: body === undefined ? {} : z.toJSONSchema(body),
    ...(example.body === undefined ? {} : { example: example.body }),
  }
  return { requestBody: { required: true, content: { 'application/json': content } } }
}

function json(example: unknown): object {
  return example === undefined ? {} : { content: { 'application/json': { example } } }
}

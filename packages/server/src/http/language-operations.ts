import { languageRequest } from '../query/language-routes.ts'
import type { Operations } from './operation.ts'
import { refused } from './refusals.ts'

const question = { query: 'print bin(1, 2)', offset: 13 } as const

/** Addresses that an editor of queries asks. */
export const languageOperations: Operations = {
  '/api/query/complete': {
    post: {
      summary: 'What may stand at a place of a query',
      body: languageRequest,
      answers: { '200': 'KqlCompletions', ...refused },
      example: {
        body: { query: 'ConfigurationChange | where ChangeCategory == "', offset: 47 },
        status: 200,
        answer: { from: 46, to: 47, items: [{ label: 'Added', before: '"Added"', after: '', kind: 'value' }] },
      },
    },
  },
  '/api/query/hover': {
    post: {
      summary: 'What the word at a place is',
      body: languageRequest,
      answers: { '200': '{ text: string | null }', ...refused },
      example: { body: { query: question.query, offset: 7 }, status: 200, answer: { text: '(function) bin' } },
    },
  },
  '/api/query/signature': {
    post: {
      summary: 'How the function around a place is called',
      body: languageRequest,
      answers: { '200': '{ help: KqlSignatureHelp | null }', ...refused },
      example: {
        body: question,
        status: 200,
        answer: {
          help: {
            name: 'bin',
            signatures: [{ label: 'bin(value, roundTo)', parameters: ['value'] }],
            activeParameter: 1,
          },
        },
      },
    },
  },
  '/api/query/format': {
    post: {
      summary: "A query with Kusto's usual spaces and lines",
      body: languageRequest,
      answers: { '200': '{ query: string }', ...refused },
      example: { body: { query: 'Heartbeat|count' }, status: 200, answer: { query: 'Heartbeat | count' } },
    },
  },
}

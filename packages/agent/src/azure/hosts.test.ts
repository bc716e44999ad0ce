import { expect, test } from 'vitest'

import { isWithoutProxy, mayHaveTokens } from './hosts.ts'

test.each([
  { endpoint: 'https://mine-ab12.westeurope-1.ingest.monitor.azure.com', more: [], may: true },
  { endpoint: 'https://mine.usgovvirginia.ingest.monitor.azure.us/', more: [], may: true },
  { endpoint: 'http://mine.westeurope-1.ingest.monitor.azure.com', more: [], may: false },
  { endpoint: 'https://ingest.monitor.azure.com.evil.example', more: [], may: false },
  { endpoint: 'https://evil.example/.ingest.monitor.azure.com', more: [], may: false },
  { endpoint: 'https://evilingest.monitor.azure.com', more: [], may: false },
  { endpoint: 'https://tidemark.example:8437', more: ['tidemark.example:8437'], may: true },
  { endpoint: 'https://tidemark.example:8437', more: ['tidemark.example'], may: true },
  { endpoint: 'https://tidemark.example:8437', more: ['tidemark.example:1'], may: false },
  { endpoint: 'https://mine.ingest.monitor.azure.com@evil.example', more: [], may: false },
])('a token may go to $endpoint beside $more: $may', ({ endpoint, more, may }) => {
  expect(mayHaveTokens(endpoint, more)).toBe(may)
})

test.each([
  { noProxy: undefined, without: false },
  { noProxy: '', without: false },
  { noProxy: '*', without: true },
  { noProxy: 'a.example', without: true },
  { noProxy: 'b.example, .example', without: true },
  { noProxy: '*.example', without: true },
  { noProxy: 'xa.example', without: false },
  { noProxy: 'a.example:443', without: true },
  { noProxy: 'a.example:8443', without: false },
])('a.example is asked without the proxy by "$noProxy": $without', ({ noProxy, without }) => {
  expect(isWithoutProxy('https://a.example/x', noProxy)).toBe(without)
})

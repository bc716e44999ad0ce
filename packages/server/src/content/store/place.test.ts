import { expect, test } from 'vitest'

import { contentPlace, parseContentPlace } from './place.ts'

test.each([
  ['disk', { kind: 'disk' }],
  ['/srv/contents', { kind: 'disk', folder: '/srv/contents' }],
  ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: '', region: 'us-east-1', hasPathStyle: false }],
  [
    's3://bucket/a/b/?region=eu-central-1&endpoint=https://minio:9000&path-style=true',
    {
      kind: 's3',
      bucket: 'bucket',
      prefix: 'a/b/',
      region: 'eu-central-1',
      endpoint: 'https://minio:9000',
      hasPathStyle: true,
    },
  ],
  [
    'https://acme.blob.core.windows.net/contents/a',
    {
      kind: 'azure',
      containerUrl: 'https://acme.blob.core.windows.net/contents',
      prefix: 'a/',
      account: 'acme',
      key: 'k',
    },
  ],
])('%s is a place for contents', (text, place) => {
  expect(parseContentPlace(text, { azureKey: 'k' })).toEqual(place)
  expect(contentPlace.parse(place)).toEqual(place)
})

test.each([
  ['contents', /is no place for contents; write/],
  ['s3://', /BUCKET/],
  ['s3://bucket?key=secret', /not key/],
  ['s3://bucket?endpoint=x', /endpoint is wrong/],
  ['https://acme.blob.core.windows.net/', /names no container/],
  ['https://acme.blob.core.windows.net/c?sig=x', /AZURE_STORAGE_SAS_TOKEN/],
])('%s is none, and the sentence says what to do', (text, message) => {
  expect(parseContentPlace(text, { azureKey: 'k' })).toMatch(message)
})

test('Azure needs a key or a signature', () => {
  const text = 'https://acme.blob.core.windows.net/contents'
  expect(parseContentPlace(text, {})).toMatch(/AZURE_STORAGE_KEY/)
  expect(parseContentPlace(text, { azureSas: 'sv=1' })).toMatchObject({ sas: 'sv=1' })
})

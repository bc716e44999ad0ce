// Goal: contents in a bucket, with a judge that others wrote. s3rver knows accounts by their key's id; it does not make the
// signature again (AWS Signature Version 4), which is the SDK's own work here.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { StoreUnavailable } from '../../ports.ts'
import { describeContentStore } from './content-store.contract.ts'
import type { S3Place } from './place.ts'
import { S3Store } from './s3-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-s3-'))
const program = new URL(import.meta.resolve('s3rver')).pathname.replace(/lib\/s3rver\.js$/, 'bin/s3rver.js')
const hash = 'ab'.repeat(32)
let judge: ChildProcess
let endpoint = ''

beforeAll(async () => {
  judge = spawn(
    process.execPath,
    [program, '-d', folder, '-p', '0', '-a', '127.0.0.1', '--configure-bucket', 'contents'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  endpoint = await new Promise((resolve, reject) => {
    const said: string[] = []
    for (const stream of [judge.stdout, judge.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said.push(text)
        const port = /127\.0\.0\.1:(\d+)/.exec(said.join(''))?.[1]
        if (port) resolve(`http://127.0.0.1:${port}`)
      })
    judge.once('close', () => reject(new Error(`s3rver ended: ${said.join('')}`)))
  })
})
afterAll(async () => {
  const ended = new Promise((resolve) => judge.once('close', resolve))
  judge.kill()
  await ended
  rmSync(folder, { recursive: true, force: true })
})

const place = (more: Partial<S3Place> = {}): S3Place => ({
  kind: 's3',
  bucket: 'contents',
  prefix: 'tidemark/',
  region: 'eu-central-1',
  endpoint,
  hasPathStyle: true,
  credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  ...more,
})

describeContentStore('a bucket', async () => ({
  store: new S3Store(place()),
  reopen: async () => new S3Store(place()),
  [Symbol.asyncDispose]: async () => {},
}))

test('an object is named by its prefix, its folder and its hash', async () => {
  await using store = new S3Store(place())
  await store.put(hash, Buffer.from('x'))
  expect(readdirSync(join(folder, 'contents', 'tidemark', 'ab')).some((name) => name.startsWith(hash))).toBe(true)
})

test.each([
  ['an account that is not known', { credentials: { accessKeyId: 'OTHER', secretAccessKey: 'wrong' } }],
  ['a bucket that is not there', { bucket: 'elsewhere' }],
  ['nobody who answers', { endpoint: 'http://127.0.0.1:9' }],
])('%s is an error that passes, and no missing content', async (_what, more) => {
  await using store = new S3Store(place(more))
  await expect(store.put(hash, Buffer.from('x'))).rejects.toThrow(StoreUnavailable)
  await expect(store.get(hash)).rejects.toThrow(StoreUnavailable)
})

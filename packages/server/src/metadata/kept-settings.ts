import { newBytes } from '@tidemark/base'

import type { Metadata } from './metadata.ts'

/** The setting of this name; `undefined` where there is none. */
export async function firstSetting(metadata: Metadata, name: string): Promise<string | undefined> {
  const row = await metadata.first(metadata.build.selectFrom('setting').select('value').where('name', '=', name))
  return row?.value
}

/** The setting of this name; made, once for all servers, where there is none. */
export async function keptSetting(metadata: Metadata, name: string, make: () => string): Promise<string> {
  const before = await firstSetting(metadata, name)
  if (before !== undefined) return before
  const made = { name, value: make() }
  const change = metadata.build.insertInto('setting').values(made)
  await metadata.run(change.onConflict((conflict) => conflict.column('name').doNothing()))
  return (await firstSetting(metadata, name)) ?? made.value
}

/** A key of 32 random bytes that all servers share. */
export async function keptKey(metadata: Metadata, name: string): Promise<Uint8Array> {
  const text = await keptSetting(metadata, name, () => Buffer.from(newBytes(32)).toString('base64'))
  return Buffer.from(text, 'base64')
}

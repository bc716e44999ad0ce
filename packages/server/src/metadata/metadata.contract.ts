// Goal: the server behaves the same over either database, with others that write at the same time. Method: each test runs
// what the rooms do (rules, machines, tokens, contents, collections), from two connections where there are several servers.
import { newUuid, systemClock } from '@tidemark/base'
import { ManualClock } from '@tidemark/base/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ApiTokens } from '../access/api-tokens.ts'
import { Workspaces } from '../access/workspaces.ts'
import { ContentReferences } from '../content/references.ts'
import { ChannelGrants } from '../control/channel-grants.ts'
import { defaultRule } from '../control/default-rule.ts'
import { Machines } from '../control/machines.ts'
import { Rules, type StoredRule } from '../control/rules.ts'
import { EnrolmentTokens } from '../enrolment/enrolment-tokens.ts'
import { Standing } from '../enrolment/standing.ts'
import { KnownCollections } from '../ingest/collections/known-collections.ts'
import { keptSetting } from './kept-settings.ts'
import { type Metadata, MetadataConflict, type MetadataSession } from './metadata.ts'

/** What a test opens: an empty database, from two servers. */
export interface OpenedMetadata {
  readonly metadata: Metadata
  readonly another: Metadata
  /** Closes the first and opens it again. */
  reopen(): Promise<Metadata>
}

const clock = new ManualClock()
const address = { subscription: 's', resourceGroup: 'g', name: 'rule' }
const rulesOf = (metadata: Metadata) =>
  new Rules(metadata, { clock, workspaces: new Workspaces(metadata, { ownId: 'own', clock }) })

/** The suite that every database of the metadata passes. */
export function describeMetadata(name: string, open: () => Promise<OpenedMetadata>): void {
  describe(`the metadata in ${name}`, () => {
    let opened: OpenedMetadata
    let metadata: Metadata
    beforeEach(async () => {
      opened = await open()
      metadata = opened.metadata
    })
    afterEach(async () => {
      await metadata[Symbol.asyncDispose]()
      await opened.another[Symbol.asyncDispose]()
    })
    const add = async (to: MetadataSession, key: string, value = ''): Promise<number> =>
      await to.run(to.build.insertInto('setting').values({ name: key, value }))
    const names = async (from: MetadataSession): Promise<string[]> =>
      (await from.all(from.build.selectFrom('setting').select('name').orderBy('name'))).map((row) => row.name)

    test('what was written is there after it was opened again, letter by letter', async () => {
      const value = `ü 😀 "'\\ \n${'long '.repeat(10_000)}`
      expect(await add(metadata, "it's", value)).toBe(1)
      metadata = await opened.reopen()
      expect(await metadata.all(metadata.build.selectFrom('setting').selectAll())).toEqual([{ name: "it's", value }])
    })

    test('what only one of the databases could keep becomes the same in both', async () => {
      await add(metadata, 'nul', 'a\0b')
      await add(metadata, 'half', 'a\uD800b')
      expect(await metadata.all(metadata.build.selectFrom('setting').select('value').orderBy('name'))).toEqual([
        { value: 'a\uFFFDb' },
        { value: 'a\uFFFDb' },
      ])
    })

    test('times are numbers of milliseconds, and text is in the order of its bytes', async () => {
      const row = { hash: 'h', expires_ms: 8_640_000_000_000_000, holder: 'admin' }
      await metadata.run(metadata.build.insertInto('session').values(row))
      expect(await metadata.first(metadata.build.selectFrom('session').selectAll())).toEqual(row)
      for (const key of ['b', 'B', 'ä', 'a-c', 'ab', 'Z']) await add(metadata, key)
      expect(await names(metadata)).toEqual(['B', 'Z', 'a-c', 'ab', 'b', 'ä'])
    })

    test('several changes are one, also for who asks meanwhile', async () => {
      const conflict = metadata.together(async (within) => {
        await add(within, 'a')
        await add(within, 'b')
        return await add(within, 'a')
      })
      await expect(conflict).rejects.toThrow(MetadataConflict)
      expect(await names(metadata)).toEqual([])
      const inside = Promise.withResolvers<void>()
      const beside = inside.promise.then(async () => await names(metadata))
      await metadata.together(async (within) => {
        await add(within, 'c')
        inside.resolve()
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
        await add(within, 'd')
        expect(await names(within)).toEqual(['c', 'd'])
      })
      expect([[], ['c', 'd']]).toContainEqual(await beside)
      await expect(add(metadata, 'c')).rejects.toThrow(MetadataConflict)
    })

    test('who counts at the same time from two servers loses none', async () => {
      await add(metadata, 'count', '0')
      const up = async (from: Metadata): Promise<void> =>
        await from.together(async (within) => {
          const question = within.build.selectFrom('setting').select('value').where('name', '=', 'count')
          const value = String(Number((await within.first(question))?.value) + 1)
          await within.run(within.build.updateTable('setting').set({ value }).where('name', '=', 'count'))
        })
      await Promise.all(Array.from({ length: 30 }, async (_, index) => await up(index % 2 ? metadata : opened.another)))
      expect(await keptSetting(metadata, 'count', () => '')).toBe('30')
    })

    test('a setting that two servers make at once is one', async () => {
      const made = await Promise.all(
        Array.from({ length: 10 }, async (_, index) =>
          keptSetting(index % 2 ? metadata : opened.another, 'key', newUuid),
        ),
      )
      expect(new Set(made).size).toBe(1)
    })

    test('a rule is replaced only by who saw it last, and taken away with its associations', async () => {
      const [one, other] = [rulesOf(metadata), rulesOf(opened.another)]
      const document = defaultRule(undefined)
      const by = (savedBy: string, before: StoredRule | undefined) => ({ savedBy, before })
      const made = await Promise.all([
        one.put(address, document, by('one', undefined)),
        other.put(address, document, by('other', undefined)),
      ])
      expect(made.filter((rule) => rule !== undefined)).toHaveLength(1)
      const seen = await one.get(address)
      const changed = await Promise.all([
        one.put(address, { ...document, tags: { by: 'one' } }, by('one', seen)),
        other.put(address, { ...document, tags: { by: 'other' } }, by('other', seen)),
      ])
      expect(changed.filter((rule) => rule !== undefined)).toHaveLength(1)
      const present = await one.get(address)
      expect(present?.immutableId).toBe(seen?.immutableId)
      expect(present?.etag).toBe(changed.find((rule) => rule !== undefined)?.etag)
      const ask = { resourceId: '/M', name: 'a', ruleId: present?.id ?? '' }
      const association = await one.associate(ask, undefined)
      expect(association?.properties.dataCollectionRuleId).toBe(present?.id)
      expect(await one.associate(ask, undefined)).toBeUndefined()
      expect((await other.rulesOf('/m')).map(({ name: known }) => known)).toEqual(['rule'])
      expect([...(await other.rulesByResource())].map(([key, rules]) => [key, rules.length])).toEqual([['/m', 1]])
      expect(seen && (await one.delete(address, seen))).toBe(false)
      expect(present && (await one.delete(address, present))).toBe(true)
      expect(await other.associations({ resourceId: '/M' })).toEqual([])
      // What it points to is gone.
      expect(await one.associate(ask, undefined)).toBeUndefined()
    })

    test('each save of a rule is a version, of those that change it at once too, and versions outlive it', async () => {
      const [one, other] = [rulesOf(metadata), rulesOf(opened.another)]
      const save = async (rules: Rules, saved: number): Promise<void> => {
        const document = { ...defaultRule(undefined), tags: { saved: String(saved) } }
        while (!(await rules.put(address, document, { before: await rules.get(address), savedBy: `${saved}` })))
          continue
      }
      await Promise.all(Array.from({ length: 6 }, async (_, saved) => await save(saved % 2 ? one : other, saved)))
      const rule = await other.get(address)
      const id = rule?.immutableId ?? ''
      const versions = await one.versions.list(id, { countMax: 10 })
      expect(versions.map(({ version }) => version)).toEqual([6, 5, 4, 3, 2, 1])
      expect(versions.map(({ savedBy }) => savedBy).toSorted()).toEqual(['0', '1', '2', '3', '4', '5'])
      expect(await one.documentOf(id)).toEqual((await other.versions.get(id, 6))?.document)
      // The same once more, and one that came too late, are none.
      const document = (await one.documentOf(id)) ?? {}
      expect(await one.put(address, document, { before: rule, savedBy: 'same' })).toBeDefined()
      expect(await one.put(address, { ...document, tags: {} }, { before: rule, savedBy: 'late' })).toBeUndefined()
      const present = await other.get(address)
      expect(present && (await other.delete(address, present))).toBe(true)
      expect(await one.versions.newest(id)).toEqual(versions[0])
      expect((await one.versions.list(id, { before: 3, countMax: 10 })).map(({ version }) => version)).toEqual([2, 1])
    })

    test('a rule’s targets take in machines by name and by group, and go with it', async () => {
      const [one, other] = [rulesOf(metadata), rulesOf(opened.another)]
      const machines = new Machines(metadata, clock)
      const [web, db] = [await machines.register('Web-1', 'a'), await machines.register('db-1', 'b')]
      const rule = await one.put(address, defaultRule(undefined), { before: undefined, savedBy: '' })
      const id = rule?.id.toLowerCase() ?? ''
      const taken = async (): Promise<string[][]> => {
        const keys = [web, db].map(({ machine }) => machine.resourceId)
        const byResource = await other.rulesByResource()
        const alone = await Promise.all(keys.map(async (key) => (await other.rulesOf(key)).map(({ name: rul }) => rul)))
        expect(keys.map((key) => (byResource.get(key.toLowerCase()) ?? []).map(({ name: rul }) => rul))).toEqual(alone)
        expect(await other.targets.machinesOf(id, await machines.list())).toHaveLength(alone.flat().length)
        return alone
      }
      expect(await one.targets.set(id, [{ kind: 'name', pattern: 'web-?' }])).toBe(true)
      expect(await taken()).toEqual([['rule'], []])
      await one.targets.set(id, [{ kind: 'group', group: 'databases' }])
      expect(await taken()).toEqual([[], []])
      await one.targets.keepMembers('databases', [db.machine.resourceId])
      expect(await taken()).toEqual([[], ['rule']])
      await Promise.all(
        [one, other].map(async ({ targets }) => targets.keepMembers('databases', [web.machine.resourceId])),
      )
      expect(await taken()).toEqual([['rule'], []])
      await one.targets.set(id, [{ kind: 'all' }, { kind: 'all' }])
      expect(await other.targets.of(id)).toEqual([{ kind: 'all' }])
      expect(await taken()).toEqual([['rule'], ['rule']])
      expect(rule && (await one.delete(address, rule))).toBe(true)
      expect(await other.targets.of(id)).toEqual([])
      expect(await taken()).toEqual([[], []])
      expect(await one.targets.set(id, [{ kind: 'all' }])).toBe(false)
    })

    test('a machine that registers at two servers at once is one, and two of one name are two', async () => {
      const [one, other] = [new Machines(metadata, clock), new Machines(opened.another, clock)]
      const made = await Promise.all([
        one.register('web', 'AAAAAAAA-1'),
        other.register('web', 'aaaaaaaa-1'),
        one.register('web', 'bbbbbbbb-2'),
        other.register('WEB', 'cccccccc-3'),
      ])
      expect(new Set(made.map(({ machine }) => machine.resourceId.toLowerCase())).size).toBe(3)
      expect(await one.list()).toHaveLength(3)
      const known = await Promise.all(made.slice(0, 2).map(async ({ token }) => await one.byToken(token)))
      // The token of whoever came last is good.
      expect(known.filter(Boolean)).toHaveLength(1)
      expect((await other.byComputerId('BBBBBBBB-2'))?.resourceId).toBe(made[2].machine.resourceId)
    })

    test('an enrolment token is used as often as it may be, whoever uses it', async () => {
      const [one, other] = [new EnrolmentTokens(metadata, clock), new EnrolmentTokens(opened.another, clock)]
      const { token } = await one.create({ usesMax: 5, lifeSeconds: 60, description: '' })
      const used = await Promise.all(
        Array.from({ length: 12 }, async (_, index) => await (index % 2 ? one : other).use(token)),
      )
      expect(used.filter(Boolean)).toHaveLength(5)
    })

    test('a workspace’s name is taken in either case, and a token is found by all servers until it is revoked', async () => {
      const spaces = [metadata, opened.another].map((each) => new Workspaces(each, { ownId: 'own', clock }))
      const made = await Promise.all([spaces[0]?.create('Web'), spaces[1]?.create('wEB')])
      expect(made.filter((one) => one === 'taken')).toHaveLength(1)
      const [one, other] = [new ApiTokens(metadata, clock), new ApiTokens(opened.another, clock)]
      const token = await one.create({ name: 't', scopes: ['read'], workspaces: [] }, 'admin')
      expect(await other.find(token?.token ?? '')).toEqual({
        id: token?.view.id,
        name: 't',
        scopes: ['read'],
        workspaces: [],
      })
      expect(await other.revoke(token?.view.id ?? '')).toBe(true)
      expect(await one.find(token?.token ?? '')).toBeUndefined()
    })

    test('a machine that one server revokes is revoked on the others, once, and who did it is known', async () => {
      const [one, other] = [new Standing(metadata, clock), new Standing(opened.another, clock)]
      const id = '/subscriptions/S/machines/M'
      const by = { who: 'admin', reason: 'stolen' }
      const done = await Promise.all([one.revoke(id, by), other.revoke(id.toUpperCase(), by), one.revoke(id, by)])
      expect(done.filter(Boolean)).toHaveLength(1)
      expect(await other.isRevoked(id)).toBe(true)
      expect([...(await other.revocations())]).toEqual([[id.toLowerCase(), { atMs: clock.nowMs(), ...by }]])
      await one.wishRotation(id, by)
      expect(await other.isRotationWished(id.toLowerCase())).toBe(true)
      await other.rotated(id.toLowerCase())
      expect(await one.isRotationWished(id.toLowerCase())).toBe(false)
      expect(await other.restore(id, by)).toBe(true)
      expect([await one.isRevoked(id), await one.restore(id, by)]).toEqual([false, false])
      expect((await one.actions()).map(({ what }) => what).toSorted()).toEqual(['restore', 'revoke', 'rotate'])
    })

    test('where a machine was let to send is known to all servers', async () => {
      const [one, other] = [new ChannelGrants(metadata, clock), new ChannelGrants(opened.another, clock)]
      const grant = { resourceId: '/M', immutableId: 'dcr-1', workspaceId: 'W' }
      await Promise.all([one.remember(grant), other.remember(grant)])
      expect(await other.has({ ...grant, resourceId: '/m' })).toBe(true)
      expect(await other.has({ ...grant, workspaceId: 'v' })).toBe(false)
    })

    test('of limits that servers say of one content the largest is kept', async () => {
      const [one, other] = [new ContentReferences(metadata), new ContentReferences(opened.another)]
      const limits = [undefined, 5, 9, 7]
      await Promise.all(
        limits.map(async (shownBytesMax, index) =>
          (index % 2 ? one : other).add('w', { hash: 'h', size: 10, shownBytesMax }, 1),
        ),
      )
      expect(await one.find('w', 'h')).toEqual({ hash: 'h', size: 10, shownBytesMax: 9 })
      expect(await one.find('v', 'h')).toBeUndefined()
    })

    test('of two servers that go on with one machine’s collection, one does', async () => {
      const [one, other] = [new KnownCollections(metadata), new KnownCollections(opened.another)]
      const brought = (batchId: string) => ({
        batchId,
        collection: {
          type: 'Software' as const,
          computer: 'c',
          collectedAt: '2026-01-01T00:00:00Z',
          isSnapshot: false,
          items: new Map(),
        },
      })
      const begun = await Promise.all([
        one.begin('/M', brought('a'), undefined),
        other.begin('/M', brought('b'), undefined),
      ])
      expect(begun.toSorted()).toEqual([false, true])
      const { pending } = await one.get('/m', 'Software')
      const stored = pending ?? brought('none')
      expect([await one.finish('/M', stored, undefined), await other.finish('/M', stored, undefined)]).toEqual([
        true,
        false,
      ])
      expect(await other.get('/M', 'Software')).toEqual({ last: stored })
    })

    test('it can be closed twice, and while something is under way', async () => {
      const adding = metadata.together(async (within) => {
        await systemClock.sleep(5)
        return await add(within, 'late')
      })
      await Promise.resolve()
      await metadata[Symbol.asyncDispose]()
      await metadata[Symbol.asyncDispose]()
      expect(await adding).toBe(1)
    })
  })
}

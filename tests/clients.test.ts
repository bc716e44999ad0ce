import { randomUUID } from 'node:crypto'

import { MonitorClient } from '@azure/arm-monitor'
import { AggregateLogsUploadError, LogsIngestionClient } from '@azure/monitor-ingestion'
import { LogsQueryResultStatus, type LogsTable } from '@azure/monitor-query-logs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { AzureClients, directRule, STREAM, SUBSCRIPTION } from './clients/azure-clients.ts'

// Goal: the official clients of Azure Monitor, unmodified, work against this server. Method: a real server with TLS from
// an authority that the test makes, and each client with a credential that carries one of the server's API tokens.

const GROUP = 'clients'

let azure: AzureClients
beforeAll(async () => void (azure = await AzureClients.start()))
afterAll(async () => await azure[Symbol.asyncDispose]())

/** What a call was refused with. */
async function refusal(call: Promise<unknown>): Promise<{ statusCode?: number; code?: string; message: string }> {
  return await call.then(
    () => ({ message: 'it was not refused' }),
    (error: { statusCode?: number; code?: string; message: string }) => error,
  )
}

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of pages) found.push(one)
  return found
}

const changeTrackingRule = () => {
  const streams = ['Microsoft-ConfigurationChange', 'Microsoft-ConfigurationChangeV2', 'Microsoft-ConfigurationData']
  return {
    location: 'local',
    description: 'as exported',
    tags: { team: 'a' },
    dataSources: {
      extensions: [
        {
          name: 'CTDataSource-Linux',
          extensionName: 'ChangeTracking-Linux',
          streams,
          extensionSettings: { enableFiles: true },
        },
      ],
    },
    destinations: { logAnalytics: [{ name: 'here' }] },
    dataFlows: [{ streams, destinations: ['here'] }],
  }
}

describe('@azure/arm-monitor', () => {
  test('rules are made, read, tagged, listed and deleted', async () => {
    const { dataCollectionRules: rules } = await azure.monitor()
    const made = await rules.create(GROUP, 'mine', { body: changeTrackingRule() })
    expect(made).toMatchObject({
      name: 'mine',
      type: 'Microsoft.Insights/dataCollectionRules',
      provisioningState: 'Succeeded',
      description: 'as exported',
      tags: { team: 'a' },
      immutableId: expect.stringMatching(/^dcr-[0-9a-f]{32}$/),
      systemData: { createdAt: expect.any(Date) },
      destinations: { logAnalytics: [{ workspaceId: azure.server.workspaceId }] },
    })
    const again = await rules.create(GROUP, 'mine', { body: changeTrackingRule() })
    expect([again.immutableId, again.etag === made.etag]).toEqual([made.immutableId, false])
    expect((await rules.update(GROUP, 'mine', { body: { tags: { team: 'b' } } })).tags).toEqual({ team: 'b' })
    expect((await rules.get(GROUP, 'mine')).dataSources?.extensions).toMatchObject([{ name: 'CTDataSource-Linux' }])
    await rules.delete(GROUP, 'mine')
    await rules.delete(GROUP, 'mine')
    expect(await refusal(rules.get(GROUP, 'mine'))).toMatchObject({ statusCode: 404, code: 'ResourceNotFound' })
    const wrong = { ...changeTrackingRule(), dataFlows: [{ streams: ['x'], destinations: ['nowhere'] }] }
    expect(await refusal(rules.create(GROUP, 'wrong', { body: wrong }))).toMatchObject({
      statusCode: 400,
      code: 'InvalidPayload',
      message: expect.stringContaining('nowhere'),
    })
  })

  test('long lists come page by page, by group and by subscription', async () => {
    const { dataCollectionRules: rules } = await azure.monitor()
    const names = Array.from({ length: 103 }, (_, index) => `many-${String(index).padStart(3, '0')}`)
    for (let from = 0; from < names.length; from += 20)
      await Promise.all(
        names.slice(from, from + 20).map(async (name) => await rules.create('many', name, { body: directRule() })),
      )
    expect((await all(rules.listByResourceGroup('many'))).map(({ name }) => name)).toEqual(names)
    const found = (await all(rules.listBySubscription())).map(({ name }) => name)
    expect(found.filter((name) => name?.startsWith('many-'))).toEqual(names)
  })

  test('an ETag keeps two writers apart, of rules and of associations', async () => {
    const { dataCollectionRules: rules, dataCollectionRuleAssociations: associations } = await azure.monitor()
    const headers = (etag = '') => ({ requestOptions: { headers: { 'If-Match': etag } } })
    const made = await rules.create(GROUP, 'guarded', { body: directRule() })
    const later = await rules.update(GROUP, 'guarded', { body: { tags: { a: 'b' } }, ...headers(made.etag) })
    const late = rules.create(GROUP, 'guarded', { body: directRule(), ...headers(made.etag) })
    expect((await refusal(late)).statusCode).toBe(412)
    expect((await refusal(rules.delete(GROUP, 'guarded', headers(made.etag)))).statusCode).toBe(412)
    const machine = `subscriptions/${SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m`
    const body = { dataCollectionRuleId: made.id ?? '' }
    const tied = await associations.create(machine, 'tie', { body })
    await associations.create(machine, 'tie', { body: { ...body, description: 'new' }, ...headers(tied.etag) })
    expect((await refusal(associations.delete(machine, 'tie', headers(tied.etag)))).statusCode).toBe(412)
    expect((await refusal(associations.create(machine, 'tie', { body, ...headers(tied.etag) }))).statusCode).toBe(412)
    await rules.delete(GROUP, 'guarded', headers(later.etag))
    expect((await refusal(associations.get(machine, 'tie'))).statusCode).toBe(404)
  })

  test('endpoints are kept, and tell where this server is', async () => {
    const { dataCollectionEndpoints: endpoints, dataCollectionRuleAssociations: associations } = await azure.monitor()
    const made = await endpoints.create(GROUP, 'door', { body: { location: 'local', description: 'front' } })
    expect(made).toMatchObject({
      name: 'door',
      description: 'front',
      immutableId: expect.stringMatching(/^dce-[0-9a-f]{32}$/),
      logsIngestion: { endpoint: azure.server.url },
      configurationAccess: { endpoint: azure.server.url },
      provisioningState: 'Succeeded',
    })
    expect((await endpoints.update(GROUP, 'door', { body: { tags: { a: 'b' } } })).tags).toEqual({ a: 'b' })
    expect((await endpoints.get(GROUP, 'door')).description).toBe('front')
    expect((await all(endpoints.listByResourceGroup(GROUP))).map(({ name }) => name)).toEqual(['door'])
    expect((await all(endpoints.listBySubscription())).map(({ name }) => name)).toEqual(['door'])
    const machine = `/subscriptions/${SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m2`
    await associations.create(machine, 'configurationAccessEndpoint', {
      body: { dataCollectionEndpointId: made.id ?? '' },
    })
    expect((await all(associations.listByDataCollectionEndpoint(GROUP, 'door'))).map(({ name }) => name)).toEqual([
      'configurationAccessEndpoint',
    ])
    expect((await all(associations.listByResource(machine))).length).toBe(1)
    for (let times = 0; times < 2; times += 1) await endpoints.delete(GROUP, 'door')
    expect(await all(associations.listByResource(machine))).toEqual([])
  })

  test('associations are listed by rule, and by machine', async () => {
    const { dataCollectionRules: rules, dataCollectionRuleAssociations: associations } = await azure.monitor()
    const made = await rules.create(GROUP, 'tracked', { body: changeTrackingRule() })
    const machine = { computer: 'client-1', sourceComputerId: randomUUID() }
    const { resourceId } = await azure.api<{ resourceId: string }>('POST', '/api/machines', machine)
    await associations.create(resourceId, 'tracked', { body: { dataCollectionRuleId: made.id ?? '' } })
    expect((await all(associations.listByRule(GROUP, 'tracked', { top: 1 }))).map(({ name }) => name)).toEqual([
      'tracked',
    ])
    expect((await associations.get(resourceId, 'tracked')).dataCollectionRuleId).toBe(made.id)
    for (let times = 0; times < 2; times += 1) await associations.delete(resourceId, 'tracked')
  })

  test('a token without the scope is told so, and one that was revoked is none', async () => {
    const { dataCollectionRules: rules } = await azure.monitor(['read'])
    expect((await all(rules.listByResourceGroup('nowhere'))).length).toBe(0)
    expect((await refusal(rules.create(GROUP, 'x', { body: directRule() }))).statusCode).toBe(403)
    const revoked = await azure.credential(['rules'])
    await azure.api('DELETE', `/api/tokens/${revoked.id}`)
    const client = new MonitorClient(revoked, SUBSCRIPTION, { ...azure.options(), endpoint: azure.server.url })
    expect((await refusal(client.dataCollectionRules.get(GROUP, 'x'))).statusCode).toBe(401)
  })
})

describe('@azure/monitor-ingestion', () => {
  test('rows are stored, in as many calls as they need', async () => {
    const { client, immutableId } = await azure.ingestion('direct')
    const rows = Array.from({ length: 3_000 }, (_, index) => ({
      TimeGenerated: '2026-01-02T03:04:05Z',
      Computer: 'direct-1',
      ConfigChangeType: 'Files',
      Name: `row-${index}`,
      Colour: 'blue'.repeat(200),
      _ResourceId: '/subscriptions/x/of/another',
    }))
    await client.upload(immutableId, STREAM, rows)
    const query =
      'ConfigurationChange | where Computer == "direct-1" | summarize count(), dcount(Name), countif(_ResourceId == ""), max(SourceSystem)'
    expect(await azure.rowsOf(query)).toEqual([[3_000, 3_000, 3_000, 'RestAPI']])
  })

  test.each([
    ['a rule that is not there', 404, (id: string) => [id.replace(/.{4}$/, 'ffff'), STREAM]],
    ['a stream that the rule has not', 400, (id: string) => [id, 'Custom-Nothing']],
    ['a stream that goes to no table here', 400, (id: string) => [id, 'Custom-Changed']],
  ] as const)('%s is refused with %i', async (_what, status, target) => {
    const { client, immutableId } = await azure.ingestion('refused')
    const [id = '', stream = ''] = target(immutableId)
    const error = await client.upload(id, stream, [{}]).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(AggregateLogsUploadError)
    const [cause] = error instanceof AggregateLogsUploadError ? error.errors : []
    expect(cause?.cause).toMatchObject({
      statusCode: status,
      code: expect.stringMatching(/^(NotFound|InvalidStream)$/),
    })
  })

  test('what is larger than a call may be is refused, and nothing of it is stored', async () => {
    const { client, immutableId } = await azure.ingestion('large')
    const row = { Computer: 'large', Text: 'x'.repeat(1_200_000) }
    const error = await client.upload(immutableId, STREAM, [row]).catch((caught: unknown) => caught)
    const [cause] = error instanceof AggregateLogsUploadError ? error.errors : []
    expect(cause?.cause).toMatchObject({ statusCode: 413, code: 'ContentLengthLimitExceeded' })
    expect(await azure.rowsOf('ConfigurationChange | where Computer == "large" | count')).toEqual([[0]])
  })

  test('a call whose answer was lost is repeated by the client, and counts once', async () => {
    const { client, immutableId } = await azure.ingestion('repeated')
    let calls = 0
    client.pipeline.addPolicy(
      {
        name: 'lose the first answer',
        sendRequest: async (request, next) => {
          const response = await next(request)
          calls += 1
          return calls === 1 ? { ...response, status: 503, headers: response.headers } : response
        },
      },
      { afterPhase: 'Retry' },
    )
    await client.upload(immutableId, STREAM, [{ Computer: 'repeated' }])
    expect([calls, await azure.rowsOf('ConfigurationChange | where Computer == "repeated" | count')]).toEqual([
      2,
      [[1]],
    ])
  })

  test('a token without the scope ingests nothing', async () => {
    const { immutableId } = await azure.ingestion('scoped')
    const client = new LogsIngestionClient(azure.server.url, await azure.credential(['read', 'rules']), azure.options())
    const error = await client.upload(immutableId, STREAM, [{}]).catch((caught: unknown) => caught)
    const [cause] = error instanceof AggregateLogsUploadError ? error.errors : []
    expect(cause?.cause).toMatchObject({ statusCode: 403 })
  })
})

const tableOf = (result: { status: string; tables?: LogsTable[] }): LogsTable => {
  if (result.tables?.[0] === undefined) throw new Error(`no table: ${JSON.stringify(result)}`)
  return result.tables[0]
}

describe('@azure/monitor-query-logs', () => {
  const at = '2026-02-03T04:05:06Z'

  beforeAll(async () => {
    const { client, immutableId } = await azure.ingestion('asked')
    const row = { TimeGenerated: at, ConfigChangeType: 'Files', Size: 7, RuleNames: { a: [1] } }
    await client.upload(immutableId, STREAM, [
      { ...row, Computer: 'asked-1' },
      { ...row, Computer: 'asked-2' },
    ])
  })

  const year = { startTime: new Date('2026-01-01'), endTime: new Date('2027-01-01') }

  test('tables have names, types and values', async () => {
    const client = await azure.queries()
    const query =
      'ConfigurationChange | where Computer startswith "asked-" | sort by Computer asc | project TimeGenerated, Computer, Size, Share = 1.5, Is = Size > 3, RuleNames, Span = 1h'
    const table = tableOf(await client.queryWorkspace(azure.server.workspaceId, query, year))
    expect(table.columnDescriptors.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'TimeGenerated datetime',
      'Computer string',
      'Size long',
      'Share real',
      'Is bool',
      'RuleNames dynamic',
      'Span timespan',
    ])
    expect(table.rows[0]).toEqual([new Date(at), 'asked-1', 7, 1.5, true, { a: [1] }, '01:00:00'])
    expect(table.rows.length).toBe(2)
  })

  const moment = new Date(at)
  test.each([
    ['start and end', { startTime: moment, endTime: new Date(moment.getTime() + 1_000) }, 2],
    ['an end that does not belong to it', { startTime: new Date('2026-01-03'), endTime: moment }, 0],
    ['start and duration', { startTime: moment, duration: 'PT1S' }, 2],
    ['duration and end', { duration: 'P1D', endTime: new Date(moment.getTime() + 1) }, 2],
    ['a duration', { duration: 'PT1S' }, 0],
  ] as const)('a timespan of %s', async (_what, timespan, count) => {
    const client = await azure.queries()
    const query = 'ConfigurationChange | where Computer startswith "asked-" | count'
    expect(tableOf(await client.queryWorkspace(azure.server.workspaceId, query, timespan)).rows).toEqual([[count]])
  })

  test('statistics and charts come where they are asked for', async () => {
    const client = await azure.queries()
    const query = 'ConfigurationChange | summarize count() by Computer | render barchart'
    const asked = { includeQueryStatistics: true, includeVisualization: true, serverTimeoutInSeconds: 60 }
    const result = await client.queryWorkspace(azure.server.workspaceId, query, year, asked)
    expect(result).toMatchObject({
      statistics: { query: { executionTime: expect.any(Number) } },
      visualization: { visualization: 'barchart' },
    })
    expect(await client.queryWorkspace(azure.server.workspaceId, query, year)).toMatchObject({ statistics: undefined })
  })

  test('a query with a mistake is refused with its place', async () => {
    const client = await azure.queries()
    const call = client.queryWorkspace(azure.server.workspaceId, 'ConfigurationChange | where Komputer == "a"', year)
    expect(await refusal(call)).toMatchObject({
      statusCode: 400,
      code: 'BadArgumentError',
      message: expect.stringContaining('Komputer'),
    })
  })

  test('a batch is answered in its order, with what went wrong in its place', async () => {
    const client = await azure.queries()
    const counting = (value: number) => ({
      workspaceId: azure.server.workspaceId,
      query: `print n = ${value}`,
      timespan: year,
    })
    const results = await client.queryBatch([
      counting(1),
      { ...counting(2), query: 'Nothing' },
      counting(3),
      { ...counting(4), workspaceId: randomUUID() },
    ])
    expect(results.map(({ status }) => status)).toEqual([
      LogsQueryResultStatus.Success,
      LogsQueryResultStatus.PartialFailure,
      LogsQueryResultStatus.Success,
      LogsQueryResultStatus.PartialFailure,
    ])
    expect(results.map((one) => ('tables' in one ? one.tables[0]?.rows[0]?.[0] : undefined))).toEqual([
      1,
      undefined,
      3,
      undefined,
    ])
    expect(results[1]).toMatchObject({ partialError: { code: 'BadArgumentError' } })
  })

  test('an answer that was cut is a partial failure', async () => {
    const client = await azure.queries()
    // 3,000 rows, each with each.
    const each = 'ConfigurationChange | where Computer == "direct-1" | project k = 1'
    const query = `${each} | join kind=inner (${each}) on k | project k`
    const result = await client.queryWorkspace(azure.server.workspaceId, query, year)
    expect(result).toMatchObject({
      status: LogsQueryResultStatus.PartialFailure,
      partialError: { code: 'PartialError' },
    })
    expect('partialTables' in result && result.partialTables[0]?.rows.length).toBe(500_000)
  })

  test('workspaces are apart: a token sees its own, and additional ones where it may', async () => {
    const other = await azure.api<{ id: string }>('POST', '/api/workspaces', { name: 'other' })
    const { client, immutableId } = await azure.ingestion(
      'elsewhere',
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/other`,
    )
    await client.upload(immutableId, STREAM, [{ TimeGenerated: at, Computer: 'asked-3' }])
    const query =
      'ConfigurationChange | where Computer startswith "asked-" | summarize n = dcount(Computer), names = max(Computer)'
    const whole = await azure.queries()
    const askWhole = async (id: string, more = {}) => tableOf(await whole.queryWorkspace(id, query, year, more)).rows
    expect(await askWhole(azure.server.workspaceId)).toEqual([[2, 'asked-2']])
    expect(await askWhole(other.id)).toEqual([[1, 'asked-3']])
    expect(await askWhole(azure.server.workspaceId, { additionalWorkspaces: ['other'] })).toEqual([[3, 'asked-3']])

    const scoped = await azure.queries(['other'])
    expect(tableOf(await scoped.queryWorkspace(other.id, query, year)).rows).toEqual([[1, 'asked-3']])
    expect((await refusal(scoped.queryWorkspace(azure.server.workspaceId, query, year))).statusCode).toBe(404)
    const more = scoped.queryWorkspace(other.id, query, year, { additionalWorkspaces: [azure.server.workspaceId] })
    expect((await refusal(more)).statusCode).toBe(404)
    const [first] = await scoped.queryBatch([{ workspaceId: azure.server.workspaceId, query, timespan: year }])
    expect(first).toMatchObject({ partialError: { code: 'WorkspaceNotFoundError' } })
    const direct = new LogsIngestionClient(
      azure.server.url,
      await azure.credential(['ingest'], [azure.server.workspaceId]),
      azure.options(),
    )
    const refused = await direct.upload(immutableId, STREAM, [{}]).catch((caught: unknown) => caught)
    expect(refused).toMatchObject({ errors: [{ cause: { statusCode: 403 } }] })
  })

  test('a question about a resource sees the rows of that resource', async () => {
    const client = await azure.queries()
    const { resourceId } = await azure.api<{ resourceId: string }>('POST', '/api/machines', {
      computer: 'res-1',
      sourceComputerId: randomUUID(),
    })
    const query = 'ConfigurationChange | count'
    expect(tableOf(await client.queryResource(resourceId, query, year)).rows).toEqual([[0]])
    expect((await refusal(client.queryResource(`${resourceId}-not`, query, year))).statusCode).toBe(404)
  })
})

test('whoever does not know the authority is not spoken to, and no secret is in the log', async () => {
  await expect(fetch(`${azure.server.url}/healthz`)).rejects.toThrow('fetch failed')
  expect(azure.server.tls).toMatchObject({
    isOwn: false,
    fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
  })
  expect(azure.logged.length).toBeGreaterThan(0)
  expect(azure.logged.join('')).not.toMatch(/tm_(admin|reader|api|machine|session)_/)
})

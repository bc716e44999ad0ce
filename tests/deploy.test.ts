// Goal: what deploy/ says is what the programs take. Method: the Compose file and the chart, its templates filled in by a reader
// of the few expressions that they have, are read as YAML; each option is one that `tidemark server --help` tells, its value is
// one that the server's own settings take, and each address names a service and a port that are there.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parseContentPlace, parseRowStorePlace, serverSettings } from '@tidemark/server'
import { commandLine } from 'tidemark/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

const DEPLOY = join(import.meta.dirname, '..', 'deploy')
const read = (path: string): string => readFileSync(join(DEPLOY, path), 'utf8')
let help = ''
beforeAll(() => {
  const [program, args] = commandLine('server', '--help')
  help = execFileSync(program, args, { encoding: 'utf8' })
})

/** Options of one server, each told by its help; the settings that they make. */
function settingsOf(args: readonly string[]) {
  const [command, ...options] = args
  expect(command).toBe('server')
  const given = new Map(options.map((option) => [option.split('=')[0] ?? '', option.slice(option.indexOf('=') + 1)]))
  for (const name of given.keys()) expect(help).toMatch(new RegExp(`\\s${name} <`))
  const store = parseRowStorePlace(given.get('--store') ?? '', { password: 'p' })
  const contents = parseContentPlace(given.get('--contents') ?? '', {})
  return serverSettings.parse({
    stateFolder: given.get('--state'),
    host: given.get('--host'),
    port: Number(given.get('--port')),
    publicUrl: given.get('--public-url'),
    tls: given.get('--tls'),
    metadata: given.get('--metadata'),
    serverUrl: given.get('--server-url'),
    store: store.kind === 'parsed' ? store.value : store,
    contents,
  })
}

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly command?: string[]
        readonly ports?: string[]
        readonly volumes?: string[]
        readonly secrets?: unknown[]
      }
    >
  >
  readonly secrets: Readonly<Record<string, unknown>>
  readonly volumes: Readonly<Record<string, unknown>>
}

describe('the Compose file', () => {
  const variables: Readonly<Record<string, string>> = {
    TIDEMARK_PUBLIC_URL: 'https://tidemark.example',
    TIDEMARK_CONTENTS: 's3://contents/tidemark?region=eu-central-1',
  }
  const text = read('compose/compose.yaml').replaceAll(
    /\$\{(\w+):\?[^}]*\}/g,
    (_all, name: string) => variables[name] ?? 'x',
  )
  const { services, secrets, volumes }: Compose = parse(text, { merge: true })
  const servers = Object.entries(services).filter(([, { command }]) => command !== undefined)

  test('starts two servers that share metadata, rows and contents, and reach each other', () => {
    expect(servers.map(([name]) => name)).toEqual(['server-1', 'server-2'])
    const all = servers.map(([, { command = [] }]) => settingsOf(command))
    for (const [index, settings] of all.entries()) {
      expect(settings.serverUrl).toBe(`http://${servers[index]?.[0]}:${settings.port}`)
      expect({ ...settings, serverUrl: '' }).toEqual({ ...all[0], serverUrl: '' })
      expect(servers[index]?.[1].ports?.[0]).toMatch(new RegExp(`:${settings.port}$`))
      expect(new URL(settings.metadata).hostname in services).toBe(true)
      if (settings.store === 'disk') throw new Error('rows are not shared')
      for (const url of settings.store.servers)
        expect([new URL(url).hostname in services, new URL(url).port]).toEqual([true, '8123'])
    }
  })

  test('has every volume and secret that it names, and ClickHouse’s settings name its servers', () => {
    for (const [, service] of Object.entries(services)) {
      for (const volume of service.volumes ?? [])
        if (!volume.startsWith('.')) expect(Object.keys(volumes)).toContain(volume.split(':')[0])
      for (const secret of service.secrets ?? [])
        expect(Object.keys(secrets)).toContain(typeof secret === 'string' ? secret : Object(secret).source)
    }
    const xml = read('compose/clickhouse.xml')
    const hosts = [...xml.matchAll(/<host(?:name)?>([^<]+)</g)].map(([, host = '']) => host)
    expect(new Set(hosts)).toEqual(new Set(Object.keys(services).filter((name) => name.startsWith('clickhouse-'))))
    const keeper = /<tcp_port>(\d+)</.exec(xml)?.[1]
    expect([...xml.matchAll(/<node><host>[^<]+<\/host><port>(\d+)/g)].map(([, port]) => port)).toEqual([
      keeper,
      keeper,
      keeper,
    ])
    expect(xml).toContain(`<${/cluster=(\w+)/.exec(text)?.[1]}>`)
  })
})

describe('the chart', () => {
  const chart = 'helm/tidemark'
  const values: Record<string, unknown> = {
    ...parse(read(`${chart}/values.yaml`)),
    image: 'registry/tidemark:0.1.0',
    publicUrl: 'https://tidemark.example',
    metadata: 'postgres://tidemark@postgres:5432/tidemark',
    store: 'http://clickhouse:8123?cluster=tidemark&username=tidemark',
    contents: 's3://contents/tidemark?region=eu-central-1',
  }
  /** As Helm fills in `.Values.x`, `.Release.Name`, `required`, `quote` and `toJson`; anything else fails. */
  const filled = (path: string): string =>
    read(path).replaceAll(/\{\{ (.*?) \}\}/g, (_all, expression: string) => {
      const [, name, piped] =
        /^(?:required "\w+" |toJson )?\.(Release\.Name|Values\.\w+)( \| quote)?$/.exec(expression) ?? []
      if (name === undefined) throw new Error(`${path}: this reader does not know {{ ${expression} }}`)
      const value = name === 'Release.Name' ? 'one' : values[name.slice('Values.'.length)]
      if (value === undefined) throw new Error(`${path}: values.yaml has no ${name}`)
      return typeof value === 'string' && piped === undefined ? value : JSON.stringify(value)
    })
  const files = readdirSync(join(DEPLOY, chart, 'templates'))
  const documents = files.flatMap((file) => parseAllDocuments(filled(`${chart}/templates/${file}`)))
  const objects = documents.map((document) => JSON.parse(JSON.stringify(document.toJS())))
  const of = (kind: string) => objects.filter((object) => object.kind === kind)

  test('is YAML', () => {
    for (const { errors } of documents) expect(errors).toEqual([])
  })

  test('starts servers with options that there are, each of which the others reach', () => {
    const [set] = of('StatefulSet')
    const [container] = set.spec.template.spec.containers
    const args: string[] = container.args
    const settings = settingsOf(args.map((arg) => arg.replace('$(POD_NAME)', 'one-0')))
    expect(settings.serverUrl).toBe(`http://one-0.${set.spec.serviceName}:${settings.port}`)
    expect(container.ports).toEqual([{ name: 'http', containerPort: settings.port }])
    const services = of('Service')
    expect(services.map(({ metadata }) => metadata.name).toSorted()).toEqual(['one', set.spec.serviceName])
    for (const { spec } of services) {
      expect(spec.selector).toEqual(set.spec.template.metadata.labels)
      expect(spec.ports).toEqual([{ name: 'http', port: settings.port, targetPort: 'http' }])
    }
    expect(container.readinessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' })
    const volumes = [
      ...set.spec.template.spec.volumes,
      ...set.spec.volumeClaimTemplates.map((one: { metadata: object }) => one.metadata),
    ]
    for (const { name } of container.volumeMounts) expect(volumes.map((volume) => volume.name)).toContain(name)
  })

  test('has no value that no template takes', () => {
    const templates = files.map((file) => read(`${chart}/templates/${file}`)).join('')
    for (const name of Object.keys(values)) expect(templates).toContain(`.Values.${name}`)
    expect(parse(read(`${chart}/Chart.yaml`))).toMatchObject({ apiVersion: 'v2', name: 'tidemark' })
  })
})

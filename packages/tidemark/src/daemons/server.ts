import { problemsText } from '@tidemark/base'
import type { Server } from '@tidemark/server'
import { type Command, Option } from 'commander'

import type { CommandContext } from '../context.ts'
import { portalFolder } from '../host/own-files.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { shortFrequencies } from '../up/settings.ts'
import { type Daemon, type DaemonLife, runDaemon } from './daemon.ts'
import { daemonCommand, portNumber } from './options.ts'

interface ServerOptions {
  readonly state: string
  readonly host: string
  readonly port: number
  readonly publicUrl?: string
  readonly portalFolder: string
  readonly shortFrequencies?: boolean
  readonly contents: string
  readonly metadata: string
  readonly store: string
  readonly serverUrl?: string
  readonly tls: string
  readonly tlsCertificate?: string
  readonly tlsKey?: string
  readonly logFile: string
  readonly logLevel: string
}

/** `tidemark server`: keeps rules and machines, takes uploads, answers queries, serves the portal. */
export function serverCommand(context: CommandContext): Command {
  return daemonCommand('server', 'Keep rules and machines, take uploads, answer queries, serve the portal', [
    'server --state /var/lib/tidemark --port 8437',
  ])
    .option('--state <folder>', 'where everything is kept', '/var/lib/tidemark')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes any that is free', portNumber, 8437)
    .option('--public-url <url>', 'address under which machines and browsers reach it, where it differs')
    .option('--portal-folder <folder>', 'the built portal', portalFolder)
    .addOption(new Option('--short-frequencies', 'create the default rule with short frequencies').hideHelp())
    .addOption(
      new Option('--tls <when>', 'auto: TLS unless it listens on the loopback')
        .choices(['auto', 'on', 'off'])
        .default('auto'),
    )
    .option('--tls-certificate <file>', 'certificate (PEM, its chain behind it), in place of one that signs itself')
    .option('--tls-key <file>', 'its key (PEM)')
    .option(
      '--contents <place>',
      'where contents of files are kept: disk, a folder, s3://… or https://… (Azure)',
      'disk',
    )
    .option('--metadata <place>', 'where rules, machines and tokens are kept: disk, or postgres://…', 'disk')
    .option('--store <place>', 'where rows are kept: disk, or http://…,http://… of a ClickHouse cluster', 'disk')
    .option('--server-url <url>', 'address under which other servers of the same cluster reach this one')
    .option('--log-file <file>', 'file for the log; "-" is standard output', '-')
    .action(async (options: ServerOptions) => await runDaemon(context, options, (life) => open(context, options, life)))
}

async function open(context: CommandContext, options: ServerOptions, life: DaemonLife): Promise<Daemon> {
  // Loaded here and not above: each program carries only what it needs.
  const { openServer, parseContentPlace, parseRowStorePlace, serverSettings } = await import('@tidemark/server')
  const { AZURE_STORAGE_KEY: azureKey, AZURE_STORAGE_SAS_TOKEN: azureSas } = context.environment
  const contents = parseContentPlace(options.contents, { azureKey, azureSas })
  if (typeof contents === 'string') throw new CommandError('bad-option', contents, { exitCode: exitCodes.usage })
  const store = parseRowStorePlace(options.store, { password: context.environment['CLICKHOUSE_PASSWORD'] })
  if (store.kind === 'rejected')
    throw new CommandError('bad-option', problemsText(store.problems), { exitCode: exitCodes.usage })
  const { tlsCertificate, tlsKey } = options
  if ((tlsCertificate === undefined) !== (tlsKey === undefined))
    throw new CommandError('bad-option', '--tls-certificate and --tls-key go together', { exitCode: exitCodes.usage })
  const settings = serverSettings.parse({
    stateFolder: options.state,
    host: options.host,
    port: options.port,
    publicUrl: options.publicUrl,
    portalFolder: options.portalFolder,
    contents,
    metadata: options.metadata,
    store: store.value,
    serverUrl: options.serverUrl,
    tls: tlsCertificate === undefined ? options.tls : { certificate: tlsCertificate, key: tlsKey },
    ...(options.shortFrequencies ? { defaultRule: shortFrequencies } : {}),
  })
  const server = await openServer(settings, life)
  return {
    announce: announcement(server),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function announcement({ url, adminTokenFile, tls }: Server): string {
  const listens = `tidemark server listens on ${url}; the token to sign in with is in ${adminTokenFile}`
  if (tls === undefined) return listens
  const trust = tls.isOwn ? `\nThe certificate signs itself: clients trust it by ${tls.certificateFile}` : ''
  return `${listens}${trust}\nSHA-256 of the certificate: ${tls.fingerprint}`
}

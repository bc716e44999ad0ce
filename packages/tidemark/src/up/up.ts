import { chance, isAbort, systemClock } from '@tidemark/base'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { portNumber } from '../daemons/options.ts'
import { makeFolder, readTextIfThere, writeTextAtomically } from '../host/files.ts'
import { freePort } from '../host/ports.ts'
import { self, startProgram } from '../host/processes.ts'
import { holdLock } from '../host/state-lock.ts'
import { installationIn } from '../installation/find-installation.ts'
import { installation } from '../installation/installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { examplesText } from '../terminal/examples.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { version } from '../version.ts'
import { showProgress } from './progress.ts'
import { registerThisMachine } from './register.ts'
import { printScreen } from './screen.ts'
import { PORT_DEFAULT, type UpPlaces, shortIntervals, upPlaces } from './settings.ts'
import { Supervised } from './supervise.ts'
import { untilBaseline, untilServerAnswers } from './wait.ts'
import { whatIsTracked } from './tracked.ts'

interface UpOptions {
  readonly state: string
  readonly port?: number
  readonly socketsDirectory?: string
  readonly json?: boolean
}

/** `tidemark up`: server, agent and change tracking for this machine, below one folder, until Ctrl-C. */
export function upCommand(context: CommandContext): Command {
  return new Command('up')
    .description('Start server, agent and change tracking for this machine, all below one folder')
    .option('--state <folder>', 'where everything is kept; a second start goes on from there', 'var')
    .option('--port <port>', `port of the portal (default: ${PORT_DEFAULT}, or any that is free)`, portNumber)
    .option('--sockets-directory <folder>', "make the agent's sockets files in this folder")
    .option('--json', 'print one JSON document instead of the screen')
    .addHelpText('after', examplesText(['up', 'up --state /tmp/tidemark --port 9000', 'up --json | jq -r .portal']))
    .action(async (options: UpOptions) => await up(context, options))
}

async function up(context: CommandContext, options: UpOptions): Promise<void> {
  const places = upPlaces(options.state, context.folder)
  for (const folder of [places.state, places.serverState, places.logs, places.root]) makeFolder(folder, 0o700)
  using lock = holdLock(places.lock)
  if (!lock) throw alreadyRunning(places)
  const troubles: string[] = []
  try {
    await runAll(context, { options, places, troubles })
  } catch (error) {
    if (!isAbort(error, context.signal)) throw error
  }
  context.terminal.writeError('Stopped.\n')
}

interface Run {
  readonly options: UpOptions
  readonly places: UpPlaces
  readonly troubles: string[]
}

async function runAll(context: CommandContext, run: Run): Promise<void> {
  const { options, places } = run
  const progress = showProgress(context.terminal)
  const port = options.port ?? (await freePort(lastPort(places) ?? PORT_DEFAULT))
  progress.tell('starting the server')
  await using server = supervised(context, run, 'server', [
    'server',
    '--state',
    places.serverState,
    '--port',
    String(port),
    '--short-frequencies',
  ])
  const url = `http://127.0.0.1:${port}`
  await untilServerAnswers({ url, server, log: places.logOf('server'), signal: context.signal })
  const token = readTextIfThere(places.adminToken)?.trim() ?? ''
  const client = new ServerClient({ url, token }, context.signal)
  progress.tell('making this machine known to the server')
  const machine = await registerThisMachine(client, places)
  const where = ['--root', places.root]
  const sockets = options.socketsDirectory ? ['--sockets-directory', options.socketsDirectory] : []
  progress.tell('starting the agent and change tracking')
  await using agent = supervised(context, run, 'agent', ['agent', ...where, ...sockets, ...agentIntervals()])
  await using tracking = supervised(context, run, 'changetracking', [
    'changetracking',
    ...where,
    ...sockets,
    '--refresh-interval',
    seconds(shortIntervals.refreshMs),
  ])
  writeInstallation(places, { url, options, server, agent, tracking })
  progress.tell('looking at this machine for the first time')
  const status = await untilBaseline({ root: places.root, programs: [agent, tracking], signal: context.signal })
  writeInstallation(places, { url, options, server, agent, tracking })
  progress.end()
  const tracked = whatIsTracked(status, { troubles: run.troubles, uid: self.uid, agent, tracking, places })
  if (options.json)
    context.terminal.write(`${JSON.stringify({ portal: url, token, state: places.state, machine, ...tracked })}\n`)
  else
    printScreen(context.terminal, {
      portalUrl: url,
      token,
      tokenFile: places.adminToken,
      stateFolder: places.state,
      machine,
      ...tracked,
    })
  await untilStopped(context.signal)
  context.terminal.writeError('\nStopping…\n')
}

function supervised(context: CommandContext, run: Run, name: string, words: readonly string[]): Supervised {
  return new Supervised({
    name,
    start: () => startProgram(words, run.places.logOf(name)),
    clock: systemClock,
    chance,
    onTrouble: (text) => {
      run.troubles.push(text)
      context.terminal.writeError(`${text} (${run.places.logOf(name)})\n`)
    },
  })
}

function agentIntervals(): string[] {
  const { uploadMs, refreshMs, heartbeatMs } = shortIntervals
  return [
    '--upload-interval',
    seconds(uploadMs),
    '--refresh-interval',
    seconds(refreshMs),
    '--heartbeat-interval',
    seconds(heartbeatMs),
  ]
}

function seconds(durationMs: number): string {
  return String(durationMs / 1_000)
}

/** The port of the last start, so that links and the machine's registration stay good. */
function lastPort(places: UpPlaces): number | undefined {
  const port = Number(new URL(installationIn(places.state)?.serverUrl ?? 'http://x:0').port)
  return port > 0 ? port : undefined
}

function writeInstallation(
  places: UpPlaces,
  run: { url: string; options: UpOptions; server: Supervised; agent: Supervised; tracking: Supervised },
): void {
  const { url, options, server, agent, tracking } = run
  const document = installation.parse({
    version,
    serverUrl: url,
    adminTokenFile: places.adminToken,
    root: places.root,
    socketsDirectory: options.socketsDirectory,
    processes: { up: self.pid, server: server.pid, agent: agent.pid, changetracking: tracking.pid },
  })
  writeTextAtomically(places.installation, `${JSON.stringify(document, undefined, 2)}\n`)
}

function alreadyRunning(places: UpPlaces): CommandError {
  const found = installationIn(places.state)
  const where = found ? `; its portal is ${found.serverUrl}` : ''
  return new CommandError(
    'already-running',
    `Tidemark runs already with ${places.state}${where}.\n"tidemark status" tells more; another --state starts a second one.`,
    { exitCode: exitCodes.unavailable },
  )
}

function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

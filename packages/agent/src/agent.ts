import { problemsText } from '@tidemark/base'
import { agentPlaces, type MachineRegistration, machineRegistration, parseStreamId, problemOf } from '@tidemark/model'

import { AgentError } from './agent-error.ts'
import type { AgentLife } from './agent-life.ts'
import { KeyTokens } from './enrolment/key-tokens.ts'
import { readTextIfThere } from './host/files.ts'
import { keyFileAt } from './host/key-file.ts'
import { thisMachine } from './host/machine.ts'
import { RunningAgent } from './running-agent.ts'
import type { AgentSettings } from './settings.ts'
import { Sink, type SinkOptions } from './sink/sink.ts'
import type { SinkStream } from './sink/sink-stream.ts'
import type { AgentStatus } from './status/status.ts'
import { openHttp } from './upload/http.ts'
import { fixedToken, type MachineTokens } from './upload/machine-tokens.ts'
import type { Transport } from './upload/transport.ts'

/** The agent of this machine, running. */
export interface Agent extends AsyncDisposable {
  status(): AgentStatus
}

/**
 * Starts the agent. Throws `AgentError`: `not-registered` and `registration-invalid` (no way to a server), `sockets-held`
 * (another agent runs), `sink-unusable`. Without a server it runs by the rules on disk and keeps everything until one
 * answers. Disposing loses nothing that was acknowledged.
 */
export async function openAgent(settings: AgentSettings, life: AgentLife): Promise<Agent> {
  const places = agentPlaces(settings.root)
  const registration = readRegistration(places.registration)
  const machine = thisMachine()
  await using stack = new AsyncDisposableStack()
  let onSink = (_stream: SinkStream): void => undefined
  const sink = stack.use(openSink(settings, life, (stream) => onSink(stream)))
  const { transport } = stack.use(openConnections(registration, settings))
  const machineTokens = tokensOf({ registration, keyPath: places.key, transport, life })
  const running = stack.use(new RunningAgent({ settings, life, registration, machine, machineTokens, sink, transport }))
  onSink = ({ id }) => running.onSink(id)
  await running.start()
  const { listen } = settings.diagnostics
  const status = (): AgentStatus => running.status()
  const heartbeatMs = settings.heartbeat.intervalMs
  if (listen !== undefined) {
    // Loaded here and not above: an HTTP server and metrics take 5 MiB that most agents need not have.
    const { openDiagnostics } = await import('./diagnostics/diagnostics.ts')
    stack.use(await openDiagnostics({ listen, status, heartbeatMs, clock: life.clock }))
  }
  const kept = stack.move()
  return {
    status: () => running.status(),
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  }
}

function readRegistration(path: string): MachineRegistration {
  const text = readTextIfThere(path)
  if (text === undefined)
    throw new AgentError(
      'not-registered',
      `${path} is not there: this machine is not known to a server. "tidemark enroll" or "tidemark up" makes it known.`,
    )
  const read = machineRegistration.safeParse(parseJson(text))
  if (read.success) return read.data
  throw new AgentError('registration-invalid', `${path}: ${problemsText(read.error.issues.map(problemOf))}`)
}

/** Registration and settings say which certificates and proxies; a file of theirs that is missing is told. */
function openConnections(registration: MachineRegistration, settings: AgentSettings) {
  const { caFile, certificateFile, certificateKeyFile } = registration
  try {
    return openHttp({ caFile, certificateFile, certificateKeyFile, ...settings.proxy })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AgentError('settings-invalid', `certificates for ${registration.serverUrl} cannot be used: ${why}`, {
      cause,
    })
  }
}

/** A machine with a key shows itself by it; one that "tidemark up" registered has a token. */
function tokensOf(parts: {
  readonly registration: MachineRegistration
  readonly keyPath: string
  readonly transport: Transport
  readonly life: AgentLife
}): MachineTokens {
  const { registration, keyPath, transport, life } = parts
  const { token, serverUrl } = registration
  if (token !== undefined) return fixedToken(token)
  const file = keyFileAt(keyPath)
  const key = file.load()
  if (key === undefined)
    throw new AgentError('not-registered', `${keyPath} is not there: enrol this machine with "tidemark enroll"`)
  return new KeyTokens({ serverUrl, transport, file, clock: life.clock, log: life.log }, key)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function openSink(settings: AgentSettings, { log, clock }: AgentLife, onChange: (stream: SinkStream) => void): Sink {
  const { events } = agentPlaces(settings.root)
  try {
    return new Sink(
      events,
      (name) => parseStreamId(name) !== undefined,
      sinkOptions({ settings, log, clock, onChange }),
    )
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AgentError('sink-unusable', `the sink ${events} cannot be opened: ${why}`, { cause })
  }
}

function sinkOptions({
  settings,
  ...rest
}: Pick<SinkOptions, 'log' | 'clock' | 'onChange'> & { readonly settings: AgentSettings }): SinkOptions {
  const { streamBytesMax, ...sink } = settings.sink
  return { ...sink, ...(streamBytesMax === undefined ? {} : { streamBytesMax }), ...rest }
}

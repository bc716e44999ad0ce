import type { Clock, Outcome } from '@tidemark/base'
import {
  ForwardError,
  type ForwardHandler,
  type ForwardMessage,
  type ForwardServer,
  listenForward,
  socketAddress,
} from '@tidemark/forward'
import { descriptorOf, peerCredentials } from '@tidemark/linux'
import { diagnosticsTag, type ExtensionStatus, extensionStatus, type SocketName, socketNames } from '@tidemark/model'
import type { Logger } from 'pino'

import { AgentError } from '../agent-error.ts'
import { makeFolder } from '../host/files.ts'
import { self } from '../host/machine.ts'
import type { RuleInForce } from '../rules/config-chunks.ts'
import type { SinkStream } from '../sink/sink-stream.ts'
import { answerConfigRequest } from './config-answer.ts'
import { rowsOf } from './row-check.ts'

export interface SocketsOptions {
  readonly directory?: string | undefined
  readonly rules: () => readonly RuleInForce[]
  /** The stream of a tag, `undefined` where none has that id. */
  readonly stream: (tag: string) => SinkStream | undefined
  readonly onStatus: (status: ExtensionStatus) => void
  readonly clock: Clock
  readonly log: Logger
}

/** The four sockets of the agent, open. */
export interface Sockets extends AsyncDisposable {
  readonly addresses: readonly string[]
  /** Messages that were not taken because something was wrong with them. */
  readonly refusedCount: number
}

/** Opens all four sockets or none. Throws `AgentError` `sockets-held` where another agent has one of them. */
export async function openSockets(options: SocketsOptions): Promise<Sockets> {
  const counters = { refusedCount: 0 }
  const handlers = handlersOf(options, counters)
  const opened: ForwardServer[] = []
  if (options.directory !== undefined) makeFolder(options.directory)
  try {
    for (const name of Object.values(socketNames)) opened.push(await openSocket(name, handlers[name], options))
  } catch (error) {
    await closeAll(opened)
    throw error
  }
  return {
    addresses: Object.values(socketNames).map((name) => socketAddress(name, options.directory).replaceAll('\0', '@')),
    get refusedCount() {
      return counters.refusedCount
    },
    [Symbol.asyncDispose]: async () => await closeAll(opened),
  }
}

async function closeAll(servers: readonly ForwardServer[]): Promise<void> {
  await Promise.all(servers.map(async (server) => await server[Symbol.asyncDispose]()))
}

async function openSocket(name: SocketName, handler: ForwardHandler, options: SocketsOptions): Promise<ForwardServer> {
  const { directory, clock, log } = options
  try {
    return await listenForward({
      address: socketAddress(name, directory),
      handler,
      clock,
      admit: (socket) => {
        const descriptor = descriptorOf(socket)
        if (descriptor === undefined) return 'the connection is gone'
        const { uid, pid } = peerCredentials(descriptor)
        return uid === 0 || uid === self.uid ? undefined : `process ${pid} of user ${uid} may not connect`
      },
      onTrouble: (text) => log.warn({ socket: name }, text),
    })
  } catch (error) {
    if (!(error instanceof ForwardError) || error.code !== 'address-in-use') throw error
    throw new AgentError(
      'sockets-held',
      `another agent holds the socket ${name} (${directory === undefined ? '"ss -xlp | grep CAgentStream" names it' : `in ${directory}`}). End it first, or give this one sockets of its own with --sockets-directory.`,
      { cause: error },
    )
  }
}

function handlersOf(
  options: SocketsOptions,
  counters: { refusedCount: number },
): Readonly<Record<SocketName, ForwardHandler>> {
  const onRequest = async (text: string): Promise<string> =>
    await Promise.resolve(answerConfigRequest(text, options.rules()))
  const refuse = (reason: string): Outcome => {
    counters.refusedCount += 1
    return { kind: 'refused', reason }
  }
  const nothingHere = async (): Promise<Outcome> => await Promise.resolve(refuse('this socket takes no data'))
  return {
    [socketNames.config]: { onRequest, onMessage: nothingHere },
    [socketNames.changeTrackingWindows]: { onRequest, onMessage: nothingHere },
    [socketNames.changeTrackingLinux]: {
      onRequest,
      onMessage: async (message) => await takeRows(options, message, refuse),
    },
    [socketNames.diagnostics]: {
      onRequest,
      onMessage: async (message) => await Promise.resolve(takeStatus(options, message, refuse)),
    },
  }
}

async function takeRows(
  options: SocketsOptions,
  message: ForwardMessage,
  refuse: (reason: string) => Outcome,
): Promise<Outcome> {
  const stream = options.stream(message.tag)
  if (stream === undefined) return refuse(`no rule has the stream "${message.tag.slice(0, 200)}"`)
  const rows = rowsOf(message.entries)
  if (typeof rows === 'string') return refuse(`${message.tag}: ${rows}`)
  return rows.length === 0 ? { kind: 'accepted' } : await stream.append(rows, message.chunk)
}

function takeStatus(options: SocketsOptions, message: ForwardMessage, refuse: (reason: string) => Outcome): Outcome {
  if (message.tag !== diagnosticsTag) return refuse(`"${message.tag.slice(0, 200)}" is no tag of diagnostics`)
  const read = extensionStatus.safeParse(message.entries.at(-1)?.record)
  if (!read.success)
    return refuse(`the status of an extension lacks ${read.error.issues[0]?.path.join('.') ?? 'everything'}`)
  options.onStatus(read.data)
  return { kind: 'accepted' }
}

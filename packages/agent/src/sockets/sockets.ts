import type { Clock, Outcome } from '@tidemark/base'
import {
  ForwardError,
  type ForwardHandler,
  type ForwardMessage,
  type ForwardServer,
  listenForward,
  socketAddress,
} from '@tidemark/forward'
import {
  answersTag,
  diagnosticsTag,
  type ExtensionStatus,
  extensionStatus,
  type SocketName,
  socketNames,
} from '@tidemark/model'
import type { Logger } from 'pino'

import { AgentError } from '../agent-error.ts'
import { makeFolder } from '../host/files.ts'
import { self } from '../host/machine.ts'
import { userIds } from '../host/users.ts'
import type { RuleInForce } from '../rules/config-chunks.ts'
import type { SinkStream } from '../sink/sink-stream.ts'
import { admission } from './admission.ts'
import type { Questions } from '../questions/questions.ts'
import { answerConfigRequest, answerWithQuestions, asksForQuestions } from './config-answer.ts'
import { rowsOf } from './row-check.ts'

export interface SocketsOptions {
  readonly directory?: string | undefined
  /** Who may connect besides root and our own user: names or ids. */
  readonly users: readonly (string | number)[]
  readonly rules: () => readonly RuleInForce[]
  /** The stream of a tag, `undefined` where none has that id. */
  readonly stream: (tag: string) => SinkStream | undefined
  readonly onStatus: (status: ExtensionStatus) => void
  readonly questions: Pick<Questions, 'next' | 'answer'>
  readonly clock: Clock
  readonly log: Logger
}

/** The four sockets of the agent, open. */
export interface Sockets extends AsyncDisposable {
  readonly addresses: readonly string[]
  readonly connectionCount: number
  /** Messages that were not taken because something was wrong with them. */
  readonly refusedCount: number
}

/** Characters of a chunk's id at most; the specification has 24. */
export const CHUNK_CHARS_MAX = 256

/**
 * Opens all four sockets or none. On each of them a request is answered and data is taken by its tag: a sender that knows
 * one socket only is served as one that knows all. Throws `AgentError` `sockets-held` where another agent has one of them.
 */
export async function openSockets(options: SocketsOptions): Promise<Sockets> {
  const counters = { refusedCount: 0 }
  const { directory, users, log } = options
  const { ids, unknown } = userIds(users)
  if (unknown.length > 0) log.warn({ users: unknown }, 'sockets.users names nobody of this machine')
  const allowed = new Set([0, self.uid, ...ids])
  const handler = socketHandler(options, counters)
  const opened: ForwardServer[] = []
  if (directory !== undefined) makeFolder(directory)
  try {
    for (const name of Object.values(socketNames)) opened.push(await openSocket(name, { ...options, handler, allowed }))
  } catch (error) {
    await closeAll(opened)
    throw error
  }
  return {
    addresses: Object.values(socketNames).map((name) => socketAddress(name, directory).replaceAll('\0', '@')),
    get connectionCount() {
      return opened.reduce((sum, { connectionCount }) => sum + connectionCount, 0)
    },
    get refusedCount() {
      return counters.refusedCount
    },
    [Symbol.asyncDispose]: async () => await closeAll(opened),
  }
}

async function closeAll(servers: readonly ForwardServer[]): Promise<void> {
  await Promise.all(servers.map(async (server) => await server[Symbol.asyncDispose]()))
}

async function openSocket(
  name: SocketName,
  options: SocketsOptions & { readonly handler: ForwardHandler; readonly allowed: ReadonlySet<number> },
): Promise<ForwardServer> {
  const { directory, clock, log, handler, allowed } = options
  try {
    return await listenForward({
      address: socketAddress(name, directory),
      handler,
      clock,
      admit: admission(allowed),
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

/** What all four sockets do with what comes. `refusedCount` goes up with each message that is not taken. */
export function socketHandler(
  options: Pick<SocketsOptions, 'rules' | 'stream' | 'onStatus' | 'questions'>,
  counters: { refusedCount: number },
): ForwardHandler {
  const refuse = (reason: string): Outcome => {
    counters.refusedCount += 1
    return { kind: 'refused', reason }
  }
  return {
    onRequest: async (text) =>
      asksForQuestions(text)
        ? answerWithQuestions(text, await options.questions.next())
        : answerConfigRequest(text, options.rules()),
    onMessage: async (message) => {
      if (message.tag === diagnosticsTag) return takeStatus(options, message, refuse)
      if (message.tag === answersTag) return takeAnswers(options, message, refuse)
      return await takeRows(options, message, refuse)
    },
  }
}

async function takeRows(
  options: Pick<SocketsOptions, 'stream'>,
  message: ForwardMessage,
  refuse: (reason: string) => Outcome,
): Promise<Outcome> {
  const stream = options.stream(message.tag)
  if (stream === undefined) return refuse(`no rule has the stream "${message.tag.slice(0, 200)}"`)
  if ((message.chunk?.length ?? 0) > CHUNK_CHARS_MAX)
    return refuse(`a chunk id of more than ${CHUNK_CHARS_MAX} characters`)
  const rows = rowsOf(message.entries)
  if (typeof rows === 'string') return refuse(`${message.tag}: ${rows}`)
  return rows.length === 0 ? { kind: 'accepted' } : await stream.append(rows, message.chunk)
}

function takeAnswers(
  options: Pick<SocketsOptions, 'questions'>,
  message: ForwardMessage,
  refuse: (reason: string) => Outcome,
): Outcome {
  for (const { record } of message.entries) {
    const [id, answer] = [record['Id'], record['Answer']]
    const isText = typeof id === 'string' && typeof answer === 'string'
    const why = isText ? options.questions.answer(id, answer) : 'an answer to a question has an Id and an Answer'
    if (why !== undefined) return refuse(why)
  }
  return { kind: 'accepted' }
}

function takeStatus(
  options: Pick<SocketsOptions, 'onStatus'>,
  message: ForwardMessage,
  refuse: (reason: string) => Outcome,
): Outcome {
  const read = extensionStatus.safeParse(message.entries.at(-1)?.record)
  if (!read.success)
    return refuse(`the status of an extension lacks ${read.error.issues[0]?.path.join('.') ?? 'everything'}`)
  options.onStatus(read.data)
  return { kind: 'accepted' }
}

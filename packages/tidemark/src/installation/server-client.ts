import type { AboutView, ApiError, MachineView, QueryProblem, QueryResponse } from '@tidemark/model'

import { CommandError, exitCodes } from '../terminal/exit.ts'
import type { ServerAddress } from './find-installation.ts'

/** How long one answer may take, in milliseconds. */
export const ANSWER_MS_MAX = 60_000

/** The server as commands speak with it. Every method throws `CommandError` with a message for people. */
export class ServerClient {
  readonly #address: ServerAddress
  readonly #signal: AbortSignal

  constructor(address: ServerAddress, signal: AbortSignal) {
    this.#address = address
    this.#signal = signal
  }

  get url(): string {
    return this.#address.url
  }

  async about(): Promise<AboutView> {
    return await this.#ask<AboutView>('GET', '/api/about')
  }

  async machines(): Promise<readonly MachineView[]> {
    const answer = await this.#ask<{ machines: readonly MachineView[] }>('GET', '/api/machines')
    return answer.machines
  }

  /** Runs KQL. A rejected query is told with the line and a mark below the mistake. */
  async query(text: string, timespan?: string): Promise<QueryResponse> {
    const { workspaceId } = await this.about()
    const body = { query: text, ...(timespan === undefined ? {} : { timespan }) }
    return await this.#ask<QueryResponse>('POST', `/v1/workspaces/${workspaceId}/query`, { body, query: text })
  }

  /**
   * Any other call; `path` begins with a slash. Where the answer has no body, `T` is `undefined`. Where the body has a
   * `query`, mistakes in it are told as those of `query` are.
   */
  async call<T>(method: string, path: string, body?: object, msMax = ANSWER_MS_MAX): Promise<T> {
    if (body === undefined) return await this.#ask<T>(method, path, { msMax })
    const sent = 'query' in body ? { body, query: String(body.query) } : { body }
    return await this.#ask<T>(method, path, { ...sent, msMax })
  }

  async #ask<T>(
    method: string,
    path: string,
    sent: { body?: unknown; query?: string; msMax?: number } = {},
  ): Promise<T> {
    const answer = await this.#fetch(method, path, sent)
    if (answer.status >= 200 && answer.status < 300) return documentOf<T>(answer.text, this.url)
    const { error } = documentOf<Partial<ApiError>>(answer.text, this.url)
    throw refusal({ status: answer.status, url: this.url, path, error, query: sent.query })
  }

  async #fetch(
    method: string,
    path: string,
    { body, msMax = ANSWER_MS_MAX }: { body?: unknown; msMax?: number },
  ): Promise<{ status: number; text: string }> {
    // Loaded here: commands that ask no server do not wait for it.
    const { fetch } = await import('undici')
    try {
      const answer = await fetch(`${this.#address.url}${path}`, {
        method,
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(msMax)]),
        headers: {
          authorization: `Bearer ${this.#address.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, text: await answer.text() }
    } catch (cause) {
      const why =
        cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)
      throw new CommandError(
        'server-away',
        `${this.#address.url} does not answer (${why}).\nIs it running? "tidemark up" starts it, "tidemark status" tells more.`,
        { cause },
      )
    }
  }
}

/** What our own server promises for its answers (docs/formats, OpenAPI); text that is no JSON comes from another program. */
function documentOf<T>(text: string, url: string): T {
  try {
    const document: T = JSON.parse(text === '' ? 'null' : text)
    return document
  } catch (cause) {
    throw new CommandError(
      'server-away',
      `${url} answers, but not as Tidemark does: is another program on that port?`,
      {
        cause,
      },
    )
  }
}

function refusal(answer: {
  status: number
  url: string
  path: string
  error: ApiError['error'] | undefined
  query: string | undefined
}): CommandError {
  const message = answer.error?.message ?? `status ${answer.status}`
  if (answer.status === 401 || answer.status === 403) {
    return new CommandError('sign-in-refused', `${answer.url} refuses the token: ${message}`)
  }
  if (answer.status === 404) return new CommandError('not-found', message, { exitCode: exitCodes.trouble })
  if (answer.query !== undefined && answer.status === 400) {
    return new CommandError('query-rejected', queryMistakes(answer.query, message, problemsOf(answer.error)), {
      exitCode: exitCodes.usage,
    })
  }
  if (answer.status === 400) {
    const details = (answer.error?.details ?? []).map((one) => `  ${one.target ? `${one.target}: ` : ''}${one.message}`)
    return new CommandError('rule-rejected', [message, ...details].join('\n'), { exitCode: exitCodes.usage })
  }
  return new CommandError('server-away', `${answer.url}${answer.path}: ${message}`)
}

function problemsOf(error: ApiError['error'] | undefined): readonly QueryProblem[] {
  const inner = error?.innererror
  if (typeof inner !== 'object' || inner === null || !('problems' in inner) || !Array.isArray(inner.problems)) return []
  const problems: QueryProblem[] = inner.problems
  return problems
}

/** Each mistake with its line of the query and a mark below it. */
export function queryMistakes(query: string, message: string, problems: readonly QueryProblem[]): string {
  if (problems.length === 0) return message
  const lines = query.split('\n')
  return problems
    .map((problem) => {
      const line = lines[problem.line - 1] ?? ''
      const mark = `${' '.repeat(Math.max(0, problem.column - 1))}${'^'.repeat(Math.max(1, Math.min(problem.length, line.length - problem.column + 1)))}`
      return `line ${problem.line}, column ${problem.column}: ${problem.message}\n  ${line}\n  ${mark}`
    })
    .join('\n')
}

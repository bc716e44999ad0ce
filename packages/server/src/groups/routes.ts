import {
  type ApiError,
  cloneGroupRequest,
  type GroupCheckView,
  type GroupMachinesView,
  type MachineGroupView,
  machineGroupRequest,
  validateGroupRequest,
} from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import type { Caller } from '../access/caller.ts'
import { maySee } from '../access/caller.ts'
import type { Right } from '../access/rights.ts'
import type { Workspaces } from '../access/workspaces.ts'
import { precondition } from '../control/etag.ts'
import { refuse } from '../http/api-error.ts'
import { type GroupWish, GROUPS_MAX, type MachineGroups } from './machine-groups.ts'
import { groupProblems, type MemberDeps, type Members, membersOf } from './members.ts'

export interface GroupDeps extends MemberDeps {
  readonly groups: MachineGroups
  readonly workspaces: Pick<Workspaces, 'list'>
  readonly callerOf: (request: FastifyRequest) => Caller | undefined
}

/** Machines of one answer, and where `top` says nothing. */
export const GROUP_MACHINES_MAX = 100_000
const MACHINES_SHOWN = 1_000
/** Machines that the check of a query tells by name. */
const CHECKED_SHOWN = 100

const reading = { config: { access: 'read' satisfies Right } } as const
// Rules follow groups: who changes a group changes what is tracked.
const changing = { config: { access: 'rules:write' satisfies Right } } as const

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply }
type InPath = { Params: { machineGroup: string } }

/** Machine groups: made, listed, changed, cloned, deleted; their machines; and whether a query makes one. */
export function groupRoutes(app: FastifyInstance, deps: GroupDeps): void {
  const { groups } = deps
  app.get('/api/groups', reading, async () => ({ groups: await groups.list() }))
  app.post('/api/groups', changing, async (request, reply) => await createGroup(deps, { request, reply }))
  app.post('/api/groups/validate', reading, async (request, reply) => await checkQuery(deps, { request, reply }))
  const found =
    (work: (group: MachineGroupView, exchange: Exchange) => FastifyReply | Promise<FastifyReply>) =>
    async (request: FastifyRequest<InPath>, reply: FastifyReply): Promise<FastifyReply> => {
      const { machineGroup } = request.params
      const group = await groups.find(machineGroup)
      if (group !== undefined) return await work(group, { request, reply })
      return refuse(reply, 404, { code: 'GroupNotFound', message: `there is no machine group ${machineGroup}` })
    }
  const path = '/api/groups/:machineGroup'
  app.get<InPath>(
    path,
    reading,
    found((group, { request, reply }) => {
      return precondition(request, reply, group) ?? sendGroup(reply, 200, group)
    }),
  )
  app.put<InPath>(
    path,
    changing,
    found((group, exchange) => replaceGroup(deps, group, exchange)),
  )
  app.delete<InPath>(
    path,
    changing,
    found(async (group, { request, reply }) => {
      const refused = precondition(request, reply, group)
      if (refused) return refused
      await groups.remove(group.id)
      return reply.code(204).send()
    }),
  )
  app.post<InPath>(
    `${path}/clone`,
    changing,
    found((group, exchange) => cloneGroup(deps, group, exchange)),
  )
  app.get<InPath>(
    `${path}/machines`,
    reading,
    found(async ({ query }, { request, reply }) => {
      const top = topOf(request.url)
      if (top === undefined) return wrong(reply, `top is a whole number from 0 to ${GROUP_MACHINES_MAX}`)
      const members = await ask(deps, query, { request, reply })
      return members.kind === 'failed' ? failed(reply, members) : reply.send(shown(members, top))
    }),
  )
}

async function createGroup(deps: GroupDeps, { request, reply }: Exchange): Promise<FastifyReply> {
  const wish = wishIn(request, reply)
  return 'query' in wish ? sendMade(reply, await deps.groups.create(wish), wish.name) : wish
}

async function replaceGroup(
  deps: GroupDeps,
  group: MachineGroupView,
  { request, reply }: Exchange,
): Promise<FastifyReply> {
  const refused = precondition(request, reply, group)
  if (refused) return refused
  const wish = wishIn(request, reply)
  if (!('query' in wish)) return wish
  const made = await deps.groups.replace(group.id, wish)
  if (made === 'taken') return taken(reply, wish.name)
  return sendGroup(reply, 200, made ?? group)
}

async function cloneGroup(
  { groups }: GroupDeps,
  group: MachineGroupView,
  { request, reply }: Exchange,
): Promise<FastifyReply> {
  const read = cloneGroupRequest.safeParse(request.body ?? {})
  if (!read.success) return wrong(reply, 'a copy has {"name"?: "…"} of at most 100 characters')
  const { description, query } = group
  const name = read.data.name ?? (await groups.nameOfCopy(group.name))
  return sendMade(reply, await groups.create({ name, description, query }), name)
}

/** The group that a request describes, or its refusal. */
function wishIn(request: FastifyRequest, reply: FastifyReply): GroupWish | FastifyReply {
  const read = machineGroupRequest.safeParse(request.body)
  if (!read.success)
    return wrong(
      reply,
      'a group has {"name": "…", "query": "KQL", "description"?: "…"}; docs/formats/machine-groups.md',
    )
  const problems = groupProblems(read.data.query)
  if (problems.length === 0) return read.data
  const [first] = problems
  const innererror = { code: first?.code ?? 'syntax', problems }
  return refuse(reply, 400, { code: 'BadArgumentError', message: first?.message ?? '', innererror })
}

async function checkQuery(deps: GroupDeps, { request, reply }: Exchange): Promise<FastifyReply> {
  const read = validateGroupRequest.safeParse(request.body)
  if (!read.success) return wrong(reply, 'the body must be {"query": "…"}')
  const problems = groupProblems(read.data.query)
  const none = { count: 0, machines: [] } as const
  if (problems.length > 0) {
    const message = problems[0]?.message ?? ''
    return reply.send({ isValid: false, message, problems, ...none } satisfies GroupCheckView)
  }
  const members = await ask(deps, read.data.query, { request, reply })
  if (members.kind === 'members') {
    const found = shown(members, CHECKED_SHOWN)
    return reply.send({ isValid: true, message: '', problems, ...found } satisfies GroupCheckView)
  }
  // What only the store finds fault with is a mistake of the query too; a store that is away is not.
  if (members.answer.status !== 400) return failed(reply, members)
  const message = 'error' in members.answer.body ? (members.answer.body.error?.message ?? '') : ''
  return reply.send({ isValid: false, message, problems, ...none } satisfies GroupCheckView)
}

/** The members as the caller may see them. */
async function ask(deps: GroupDeps, query: string, { request, reply }: Exchange): Promise<Members> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const caller = deps.callerOf(request)
  const seen = (await deps.workspaces.list()).filter(({ id }) => caller !== undefined && maySee(caller, id))
  return await membersOf(deps, { query, workspaceIds: seen.map(({ id }) => id), signal: gone.signal })
}

function shown({ machines }: Extract<Members, { kind: 'members' }>, top: number): GroupMachinesView {
  return { count: machines.length, machines: machines.slice(0, top) }
}

function failed(reply: FastifyReply, { answer }: Extract<Members, { kind: 'failed' }>): FastifyReply {
  if ('retryAfterSeconds' in answer && answer.retryAfterSeconds !== undefined)
    reply.header('retry-after', String(answer.retryAfterSeconds))
  return reply.code(answer.status).send(answer.body satisfies ApiError | object)
}

function topOf(url: string): number | undefined {
  const text = new URLSearchParams(url.split('?')[1] ?? '').get('top')
  if (text === null) return MACHINES_SHOWN
  const top = Number(text)
  return /^\d+$/.test(text) && top <= GROUP_MACHINES_MAX ? top : undefined
}

function sendMade(reply: FastifyReply, made: MachineGroupView | 'taken' | 'full', name: string): FastifyReply {
  if (made === 'taken') return taken(reply, name)
  if (made === 'full')
    return refuse(reply, 409, { code: 'TooManyGroups', message: `there are ${GROUPS_MAX} machine groups; delete one` })
  return sendGroup(reply, 201, made)
}

function sendGroup(reply: FastifyReply, status: number, group: MachineGroupView): FastifyReply {
  return reply.code(status).header('etag', `"${group.etag}"`).send(group)
}

function taken(reply: FastifyReply, name: string): FastifyReply {
  return refuse(reply, 409, { code: 'NameTaken', message: `another machine group is named ${name}` })
}

function wrong(reply: FastifyReply, message: string): FastifyReply {
  return refuse(reply, 400, { code: 'BadRequest', message })
}

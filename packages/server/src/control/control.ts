import { type Clock, newUuid } from '@tidemark/base'
import { type AboutView, type MachineView, type RegisterMachineAnswer, registerMachineRequest } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { type Caller, maySee } from '../access/caller.ts'
import type { RequestAccess } from '../access/guard.ts'
import { IngestionTokens } from '../access/ingestion-tokens.ts'
import type { People } from '../access/people.ts'
import type { RateLimits } from '../access/rate-limits.ts'
import { Workspaces } from '../access/workspaces.ts'
import { refuse } from '../http/api-error.ts'
import { Standing } from '../enrolment/standing.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { firstSetting, keptKey, keptSetting } from '../metadata/kept-settings.ts'
import type { RowStore } from '../ports.ts'
import type { ServerSettings } from '../settings.ts'
import { version } from '../version.ts'
import { answerAgent } from './agent-routes.ts'
import { isMachinePath, parseArmPath, ruleId } from './arm-path.ts'
import { answerArm } from './arm-routes.ts'
import { ChannelGrants } from './channel-grants.ts'
import { changesGoTo } from './config-content.ts'
import { DEFAULT_RULE_NAME, defaultRule } from './default-rule.ts'
import { Endpoints } from './endpoints.ts'
import { forecastRoutes } from './forecast-routes.ts'
import { Forecasts } from './forecasts.ts'
import { type GroupMembers, refreshGroups } from './group-members.ts'
import { latestHeartbeats } from './heartbeats.ts'
import { byAttention, machineView } from './machine-view.ts'
import { type KnownMachine, Machines, OWN_RESOURCE_GROUP, OWN_SUBSCRIPTION, REGION } from './machines.ts'
import { ruleRoutes } from './rule-routes.ts'
import { Rules, type StoredRule } from './rules.ts'

export interface ControlDeps {
  readonly settings: ServerSettings
  readonly metadata: Metadata
  readonly people: People
  readonly store: RowStore
  readonly clock: Clock
  readonly publicUrl: () => string
  /** Of machines, by their ARM ids. */
  readonly machineRates: RateLimits
  /** The machine of an access token that its key was changed for; tokens of registrations are known here. */
  readonly enrolledMachine?: (token: string) => Promise<KnownMachine | undefined>
  /** Who is in machine groups; without it, no rule follows one. */
  readonly groupMembers?: GroupMembers
}

/** Rules, machines and what agents ask. */
export class Control {
  readonly workspaceId: string
  readonly tokens: IngestionTokens
  readonly #deps: ControlDeps
  readonly workspaces: Workspaces
  readonly rules: Rules
  readonly machines: Machines
  readonly forecasts: Forecasts
  readonly standing: Standing
  readonly #endpoints: Endpoints
  readonly #grants: ChannelGrants

  private constructor(deps: ControlDeps, kept: { readonly workspaceId: string; readonly signingKey: Uint8Array }) {
    const { metadata, clock } = deps
    this.#deps = deps
    this.workspaceId = kept.workspaceId
    this.tokens = new IngestionTokens(kept.signingKey, clock)
    this.workspaces = new Workspaces(metadata, { ownId: this.workspaceId, clock })
    this.rules = new Rules(metadata, { clock, workspaces: this.workspaces })
    this.#endpoints = new Endpoints(metadata, { clock, publicUrl: deps.publicUrl })
    this.machines = new Machines(metadata, clock)
    this.forecasts = new Forecasts(clock)
    this.standing = new Standing(metadata, clock)
    this.#grants = new ChannelGrants(metadata, clock)
  }

  /** The first start of the first server makes the workspace, the signing key and the default rule. */
  static async open(deps: ControlDeps): Promise<Control> {
    const { metadata, settings } = deps
    const workspaceId = await keptSetting(metadata, 'workspace-id', newUuid)
    const control = new Control(deps, { workspaceId, signingKey: await keptKey(metadata, 'signing-key') })
    // Once only: a default rule that somebody deleted stays deleted.
    const made = await firstSetting(metadata, 'default-rule-made')
    if (made === undefined) {
      await control.rules.put(defaultAddress, defaultRule(settings.defaultRule), { before: undefined, savedBy: '' })
      await keptSetting(metadata, 'default-rule-made', () => 'yes')
    }
    return control
  }

  routes(app: FastifyInstance): void {
    const { people } = this.#deps
    const reading = { preHandler: people.requires('read') }
    const registering = { preHandler: people.requires('machines:write') }
    app.get('/api/about', reading, async () => await Promise.resolve(this.#about()))
    app.get('/api/machines', reading, async (request, reply) =>
      reply.send({ machines: await this.#machineViews(people.callerOf(request)) }),
    )
    app.post('/api/machines', registering, async (request, reply) => this.#register(request, reply))
    const { rules, forecasts } = this
    ruleRoutes(app, {
      people,
      rules,
      machines: async () => await this.machines.list(),
      nameOf: async (request) => await people.nameOf(request),
      refreshGroups: async () => await this.refreshGroups(),
    })
    const machinesFor = async (request: FastifyRequest) => await this.#askable(people.callerOf(request))
    forecastRoutes(app, { people, forecasts, machinesFor })
    const answer = async (request: FastifyRequest, reply: FastifyReply) => await this.#answer(request, reply)
    const byPath = { config: { access: armAccess } }
    app.all('/subscriptions/*', byPath, answer)
    app.all('/locations/*', byPath, answer)
  }

  async #answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const path = parseArmPath(request.url.split('?')[0] ?? '')
    if (path === undefined)
      return refuse(reply, 404, { code: 'ResourceNotFound', message: `nothing is at ${request.url}` })
    const versionAsked = apiVersion(request.url)
    if (versionAsked === undefined)
      return refuse(reply, 400, {
        code: 'MissingApiVersionParameter',
        message: 'the address needs api-version=2022-06-01 or another',
      })
    const isAgent = isMachinePath(path)
    if (!isVersion(versionAsked, isAgent ? AGENT_VERSION_MIN : ARM_VERSION_MIN))
      return refuse(reply, 400, {
        code: 'InvalidApiVersionParameter',
        message: `the api-version ${versionAsked} is not known here; take 2022-06-01`,
      })
    if (isMachinePath(path)) {
      const { publicUrl, machineRates: rates, enrolledMachine } = this.#deps
      const { tokens, workspaceId, rules, machines, forecasts } = this
      const grants = this.#grants
      const machineOf = async (token: string) => {
        const registered = await machines.byToken(token)
        if (registered === undefined) return await enrolledMachine?.(token)
        return (await this.standing.isRevoked(registered.resourceId)) ? undefined : registered
      }
      const deps = { rules, machineOf, tokens, grants, workspaceId, rates, publicUrl, forecasts }
      return await answerAgent(deps, path, { request, reply })
    }
    const { publicUrl, people } = this.#deps
    if (!(await people.check(request, reply, armRight(request)))) return reply
    const nameOf = async (asking: FastifyRequest) => await people.nameOf(asking)
    const parts = { rules: this.rules, endpoints: this.#endpoints, publicUrl, nameOf }
    return await answerArm(parts, path, { request, reply })
  }

  #about(): AboutView {
    return { version, workspaceId: this.workspaceId, now: new Date(this.#deps.clock.nowMs()).toISOString() }
  }

  /** Those that report to a workspace which the caller may see. */
  async #machineViews(caller: Caller | undefined): Promise<MachineView[]> {
    const { store, clock, settings } = this.#deps
    const seen = (await this.workspaces.list()).map(({ id }) => id)
    const rules = await this.rules.rulesByResource()
    const rulesOf = (resourceId: string): readonly StoredRule[] => rules.get(resourceId.toLowerCase()) ?? []
    const isSeen = (resourceId: string): boolean =>
      caller?.workspaces === undefined ||
      rulesOf(resourceId).some((rule) => changesGoTo(rule, this.workspaceId).some((id) => maySee(caller, id)))
    // Rejects while the store is away: without heartbeats each machine would look as if it had never reported.
    const heartbeats = await latestHeartbeats(store, seen)
    const [revocations, copies] = [await this.standing.revocations(), await this.standing.copies()]
    const known = (await this.machines.list()).filter(({ resourceId }) => isSeen(resourceId))
    const machines = known.map((machine) =>
      machineView(machine, {
        heartbeat: heartbeats.get(machine.resourceId.toLowerCase()),
        rules: rulesOf(machine.resourceId),
        revocation: revocations.get(machine.resourceId.toLowerCase()),
        cloneSeenMs: copies.get(machine.resourceId.toLowerCase()),
        nowMs: clock.nowMs(),
        silentAfterMs: settings.silentAfterMs,
      }),
    )
    return machines.sort(byAttention)
  }

  /** Machines that may be asked for a forecast; of those that do not report it is said. */
  async #askable(caller: Caller | undefined) {
    const views = await this.#machineViews(caller)
    return views.map(({ resourceId, computer, status, statusDetail }) => ({
      resourceId,
      computer,
      awayDetail: status === 'silent' || status === 'new' ? statusDetail : '',
    }))
  }

  /** Asks who is in the groups that rules are for; a group that cannot be asked now stays as it was. */
  async refreshGroups(): Promise<void> {
    const { groupMembers } = this.#deps
    if (groupMembers !== undefined) await refreshGroups(this.rules.targets, groupMembers)
  }

  async #register(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const read = registerMachineRequest.safeParse(request.body)
    if (!read.success)
      return refuse(reply, 400, {
        code: 'BadRequest',
        message: 'a machine has {"computer": "name", "sourceComputerId": "uuid"}',
      })
    return reply.code(201).send(await this.admit(read.data.computer, read.data.sourceComputerId))
  }

  /** Makes a machine known, with the default rule where it is new. Its token is told this once. */
  async admit(computer: string, sourceComputerId: string): Promise<RegisterMachineAnswer> {
    const { machine, token } = await this.machines.register(computer, sourceComputerId)
    const { resourceId } = machine
    const isNew = (await this.rules.associations({ resourceId })).length === 0
    if (isNew && (await this.rules.get(defaultAddress)))
      await this.rules.associate({ resourceId, name: DEFAULT_RULE_NAME, ruleId: ruleId(defaultAddress) }, undefined)
    return { resourceId: machine.resourceId, region: REGION, token }
  }
}

function armRight({ method }: Pick<FastifyRequest, 'method'>): 'rules:read' | 'rules:write' {
  return method === 'GET' || method === 'HEAD' ? 'rules:read' : 'rules:write'
}

/** Who may send a request to an ARM path; nobody, where it is none. */
function armAccess(request: FastifyRequest): RequestAccess {
  const path = parseArmPath(request.url.split('?')[0] ?? '')
  if (path === undefined) return undefined
  return isMachinePath(path) ? 'machine' : armRight(request)
}

const defaultAddress = { subscription: OWN_SUBSCRIPTION, resourceGroup: OWN_RESOURCE_GROUP, name: DEFAULT_RULE_NAME }

/** The oldest versions whose shapes these are: of ARM, and of what agents ask. */
const ARM_VERSION_MIN = '2021-04-01'
const AGENT_VERSION_MIN = '2020-08-01'

/** Versions are days, perhaps with a word for those that come before: `2020-08-01-preview`. */
function isVersion(text: string, least: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(text) && text.slice(0, 10) >= least
}

/** Some clients percent-encode the hyphen in the name. */
function apiVersion(url: string): string | undefined {
  const parameters = new URLSearchParams(url.split('?')[1] ?? '')
  for (const [name, value] of parameters) if (name.toLowerCase() === 'api-version' && value !== '') return value
  return undefined
}

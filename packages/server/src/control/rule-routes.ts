import {
  problemOf,
  restoreRequest,
  type RuleDetail,
  ruleSchema,
  type RuleSummary,
  ruleTarget,
  trackingSettings,
} from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import type { People } from '../access/people.ts'
import { refuse } from '../http/api-error.ts'
import { addressOf } from './arm-path.ts'
import { precondition, untilUndisturbed } from './etag.ts'
import type { KnownMachine } from './machines.ts'
import { TARGETS_MAX } from './rule-targets.ts'
import { VERSIONS_LISTED_MAX } from './rule-versions.ts'
import type { Rules, StoredRule } from './rules.ts'

export interface RuleDeps {
  readonly people: People
  readonly rules: Rules
  /** Machines that are known, by name. */
  readonly machines: () => Promise<readonly KnownMachine[]>
  /** Who asks, as people know them. */
  readonly nameOf: (request: FastifyRequest) => Promise<string>
  /** Asks who is in the groups that rules are for. A store that is away leaves them as they were. */
  readonly refreshGroups: () => Promise<void>
}

type OfRule = { Params: { rule: string } }
type OfVersion = { Params: { rule: string; version: string } }

/** `/api/rules`: rules as people look at them, beside ARM's addresses: versions, targets, what they come to. */
export function ruleRoutes(app: FastifyInstance, deps: RuleDeps): void {
  const { people, rules } = deps
  const reading = { preHandler: people.requires('rules:read') }
  const writing = { preHandler: people.requires('rules:write') }
  app.get('/api/rules', reading, async () => ({ rules: await summaries(deps) }))
  app.get('/api/rules/schema', reading, async () => await Promise.resolve(ruleSchema()))
  app.get<OfRule>('/api/rules/:rule', reading, async ({ params }, reply) => {
    const rule = await rules.byImmutableId(params.rule)
    return await (rule === undefined ? noRule(reply, params.rule) : sendDetail(deps, rule, reply))
  })
  app.get<OfRule>(
    '/api/rules/:rule/versions',
    reading,
    async (request, reply) => await sendVersions(rules, request, reply),
  )
  app.get<OfVersion>('/api/rules/:rule/versions/:version', reading, async ({ params }, reply) => {
    const found = await rules.versions.get(params.rule, numberOf(params.version) ?? 0)
    return await (found === undefined ? noVersion(reply, params) : reply.send(found))
  })
  app.post<OfRule>('/api/rules/:rule/restore', writing, async (request, reply) => await restore(deps, request, reply))
  app.put<OfRule>('/api/rules/:rule/targets', writing, async (request, reply) => await setTargets(deps, request, reply))
}

async function summaries({ rules, machines }: RuleDeps): Promise<RuleSummary[]> {
  const known = await machines()
  const all: RuleSummary[] = []
  for (const rule of await rules.all())
    all.push(await summaryOf(rules, rule, (await machinesOf(rules, rule, known)).length))
  return all
}

async function summaryOf(rules: Rules, rule: StoredRule, machineCount: number): Promise<RuleSummary> {
  const settings = trackingSettings(rule)
  const { version, savedAt, savedBy } = await rules.versions.newest(rule.immutableId)
  const tracks = [
    ...(settings?.enableFiles === true ? (['files'] as const) : []),
    ...(settings?.enableSoftware === true ? (['software'] as const) : []),
    ...(settings?.enableServices === true ? (['daemons'] as const) : []),
    ...(settings?.enableInventory === true ? (['inventory'] as const) : []),
  ]
  const files = settings?.files ?? []
  return {
    immutableId: rule.immutableId,
    id: rule.id,
    name: rule.name,
    description: rule.properties.description ?? '',
    version,
    savedAt,
    savedBy,
    isTracking: settings !== undefined,
    tracks,
    entryCount: files.length,
    enabledCount: files.filter(({ enabled }) => enabled).length,
    keepsContent: files.some(({ enabled, uploadContent }) => enabled && uploadContent),
    frequencies: {
      files: settings?.enableFiles === true ? settings.fileFrequencySeconds : 0,
      software: settings?.enableSoftware === true ? settings.softwareFrequencySeconds : 0,
      daemons: settings?.enableServices === true ? settings.serviceFrequencySeconds : 0,
    },
    machineCount,
    targets: await rules.targets.of(rule.id.toLowerCase()),
  }
}

/** Machines that have a rule, one by one or by its targets, each once. */
async function machinesOf(
  rules: Rules,
  rule: StoredRule,
  known: readonly KnownMachine[],
): Promise<readonly KnownMachine[]> {
  const associations = await rules.associations({ ruleId: rule.id })
  const associated = new Set(associations.map(({ resourceKey }) => resourceKey))
  const targeted = new Set(await rules.targets.machinesOf(rule.id.toLowerCase(), known))
  return known.filter((machine) => targeted.has(machine) || associated.has(machine.resourceId.toLowerCase()))
}

async function sendDetail(
  { rules, machines }: Pick<RuleDeps, 'rules' | 'machines'>,
  rule: StoredRule,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const having = await machinesOf(rules, rule, await machines())
  const associations = await rules.associations({ ruleId: rule.id })
  const detail: RuleDetail = {
    ...(await summaryOf(rules, rule, having.length)),
    etag: rule.etag,
    document: (await rules.documentOf(rule.immutableId)) ?? {},
    associated: associations.map(({ resourceKey, name }) => ({ resourceId: resourceKey, association: name })),
    machines: having.map(({ resourceId, computer }) => ({ resourceId, computer })),
  }
  return reply.header('etag', rule.etag).send(detail)
}

async function sendVersions(rules: Rules, request: FastifyRequest<OfRule>, reply: FastifyReply): Promise<FastifyReply> {
  const { rule } = request.params
  const asked = new URL(request.url, 'http://here').searchParams.get('before')
  const before = asked === null ? undefined : numberOf(asked)
  if (asked !== null && before === undefined)
    return refuse(reply, 400, { code: 'BadRequest', message: 'before is the number of a version' })
  const versions = await rules.versions.list(rule, {
    countMax: VERSIONS_LISTED_MAX,
    ...(before === undefined ? {} : { before }),
  })
  // A rule that was deleted has its versions still.
  return versions.length === 0 && before === undefined ? noRule(reply, rule) : reply.send({ versions })
}

async function restore(deps: RuleDeps, request: FastifyRequest<OfRule>, reply: FastifyReply): Promise<FastifyReply> {
  return await untilUndisturbed(reply, async () => await restoreOnce(deps, request, reply))
}

/** False where another request was faster; else answered. */
async function restoreOnce(
  { rules, machines, nameOf }: RuleDeps,
  request: FastifyRequest<OfRule>,
  reply: FastifyReply,
): Promise<boolean> {
  const { rule: immutableId } = request.params
  const before = await rules.byImmutableId(immutableId)
  if (precondition(request, reply, before)) return true
  const read = restoreRequest.safeParse(request.body)
  if (!read.success) {
    refuse(reply, 400, { code: 'InvalidPayload', message: 'it takes {"version": 3}' })
    return true
  }
  const { version } = read.data
  const found = before && (await rules.versions.get(immutableId, version))
  if (before === undefined) noRule(reply, immutableId)
  else if (found === undefined) noVersion(reply, { rule: immutableId, version: String(version) })
  else {
    const saving = { before, savedBy: await nameOf(request), restoredFrom: version }
    const after = await rules.put(addressOf(before.id), found.document, saving)
    if (after === undefined) return false
    await sendDetail({ rules, machines }, after, reply)
  }
  return true
}

const targetsRequest = z.strictObject({ targets: z.array(ruleTarget).max(TARGETS_MAX) })

async function setTargets(deps: RuleDeps, request: FastifyRequest<OfRule>, reply: FastifyReply): Promise<FastifyReply> {
  const { rules, refreshGroups } = deps
  const rule = await rules.byImmutableId(request.params.rule)
  if (rule === undefined) return noRule(reply, request.params.rule)
  const read = targetsRequest.safeParse(request.body)
  if (!read.success)
    return refuse(reply, 400, {
      code: 'InvalidPayload',
      message:
        'targets are {"targets": [{"kind": "all"}, {"kind": "name", "pattern": "web-*"}, {"kind": "group", "group": "…"}]}',
      problems: read.error.issues.map(problemOf),
    })
  if (!(await rules.targets.set(rule.id.toLowerCase(), read.data.targets))) return noRule(reply, request.params.rule)
  await refreshGroups()
  return await sendDetail(deps, rule, reply)
}

function numberOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function noRule(reply: FastifyReply, rule: string): FastifyReply {
  return refuse(reply, 404, { code: 'ResourceNotFound', message: `there is no rule ${rule}` })
}

function noVersion(reply: FastifyReply, { rule, version }: OfVersion['Params']): FastifyReply {
  return refuse(reply, 404, { code: 'ResourceNotFound', message: `the rule ${rule} has no version ${version}` })
}

import type { Parsed, Problem } from '@tidemark/base'

import { pathText } from './json-path.ts'
import { parseRule } from './rule.ts'
import { entrySettings, ruleSections } from './rule-fields.ts'
import { dataTypeOfArmStream, extensionName } from './stream.ts'
import { TemplateValues } from './template/template-values.ts'

/** A rule out of a file. */
export interface ImportedRule {
  readonly name: string
  /** As the server takes it; whatever Tidemark does not know is in it, too. */
  readonly document: Readonly<Record<string, unknown>>
  /** Mistakes, with their JSON paths in `document`; none where it can be saved as it is. */
  readonly problems: readonly Problem[]
}

/** What a file holds. */
export interface RuleImport {
  readonly rules: readonly ImportedRule[]
  /** What was left out, what is kept and not used, and what could not be known; with JSON paths in the file. */
  readonly notes: readonly Problem[]
}

/** How a file is read. */
export interface ImportOptions {
  /** The name of a rule that has none. */
  readonly name: string
  /** Values for a template's parameters, by their names. */
  readonly parameters?: Readonly<Record<string, unknown>>
}

/** Rules of one file at most. */
export const IMPORTED_RULES_MAX = 500
/** How deep templates may stand in one another. */
const TEMPLATE_DEPTH_MAX = 5

const RULE_TYPE = 'microsoft.insights/datacollectionrules'
const DEPLOYMENT_TYPE = 'microsoft.resources/deployments'

/**
 * Reads rules from what people have: a rule as exported from Azure, several in an array or in `value`, an ARM template
 * (with its parameters' default values), or only `extensionSettings`. Rejected where there is no rule in it.
 */
export function readRuleImport(document: unknown, options: ImportOptions): Parsed<RuleImport> {
  const reading = new Reading(options)
  reading.read(document, [], 0)
  const { rules, notes } = reading
  if (rules.length > 0) return { kind: 'parsed', value: { rules, notes } }
  const message =
    'no rule is in it: a rule has "properties", a template has "resources", extensionSettings have "fileSettings" and others'
  return { kind: 'rejected', problems: [...notes, { where: '', message }] }
}

/** A rule around `extensionSettings`, which sends everything to the server that keeps it. */
export function ruleAround(extensionSettings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const streams = Object.keys(dataTypeOfArmStream)
  return {
    location: 'local',
    properties: {
      dataSources: {
        extensions: [{ name: 'CTDataSource-Linux', extensionName, streams, extensionSettings }],
      },
      destinations: { logAnalytics: [{ name: 'Microsoft-CT-Dest' }] },
      dataFlows: [{ streams, destinations: ['Microsoft-CT-Dest'] }],
    },
  }
}

class Reading {
  readonly rules: ImportedRule[] = []
  readonly notes: Problem[] = []
  readonly #options: ImportOptions

  constructor(options: ImportOptions) {
    this.#options = options
  }

  read(document: unknown, path: readonly PropertyKey[], depth: number): void {
    if (Array.isArray(document)) return document.forEach((one, index) => this.read(one, [...path, index], depth))
    if (!isRecord(document)) return this.#note(path, 'this is no object: it is left out')
    if (depth > TEMPLATE_DEPTH_MAX) return this.#note(path, 'templates stand too deep in one another: it is left out')
    if ('resources' in document) return this.#template(document, path, depth)
    if (Array.isArray(document['value'])) return this.read(document['value'], [...path, 'value'], depth)
    if ('properties' in document) return this.#resource(document, path)
    if (sectionNames.some((name) => name in document)) return this.#take(ruleAround(document), undefined, path)
    if ('dataSources' in document) return this.#take({ properties: document }, undefined, path)
    return this.#note(path, 'this is neither a rule nor a template: it is left out')
  }

  #template(template: Readonly<Record<string, unknown>>, path: readonly PropertyKey[], depth: number): void {
    const values = new TemplateValues({
      given: this.#options.parameters ?? {},
      parameters: recordAt(template, 'parameters'),
      variables: recordAt(template, 'variables'),
    })
    const listed: [PropertyKey, unknown][] = Array.isArray(template['resources'])
      ? [...template['resources'].entries()]
      : Object.entries(recordAt(template, 'resources'))
    for (const [key, resource] of listed) {
      const place = [...path, 'resources', key]
      if (!isRecord(resource)) this.#note(place, 'this is no resource: it is left out')
      else if ('copy' in resource) this.#note(place, 'it is made by a copy loop, which is not followed: it is left out')
      else if (typeOf(resource) === DEPLOYMENT_TYPE)
        this.read(
          recordAt(recordAt(resource, 'properties'), 'template'),
          [...place, 'properties', 'template'],
          depth + 1,
        )
      else if (typeOf(resource) !== RULE_TYPE)
        this.#note(place, `a resource of the type ${String(resource['type']).slice(0, 200)} is no rule: it is left out`)
      else this.#resource(recordOf(values.resolve(resource, place)), place)
    }
    this.notes.push(...values.notes)
  }

  #resource(resource: Readonly<Record<string, unknown>>, path: readonly PropertyKey[]): void {
    const type = resource['type']
    if (typeof type === 'string' && type.toLowerCase() !== RULE_TYPE)
      return this.#note(path, `a resource of the type ${type.slice(0, 200)} is no rule: it is left out`)
    const document = Object.fromEntries(Object.entries(resource).filter(([key]) => !notKept.has(key)))
    this.#take(document, resource['name'], path)
  }

  #take(document: Readonly<Record<string, unknown>>, name: unknown, path: readonly PropertyKey[]): void {
    if (this.rules.length >= IMPORTED_RULES_MAX)
      return this.#note(path, `there are more than ${IMPORTED_RULES_MAX} rules: this one is left out`)
    // Names of resources may be paths: `parent/child`.
    const told = typeof name === 'string' && name !== '' ? (name.split('/').at(-1) ?? name) : this.#options.name
    const read = parseRule(document, told)
    this.rules.push({ name: told, document, problems: read.kind === 'rejected' ? read.problems : [] })
    this.notes.push(...unusedIn(document).map(({ where, message }) => ({ where: joined(path, where), message })))
  }

  #note(path: readonly PropertyKey[], message: string): void {
    this.notes.push({ where: pathText(path), message })
  }
}

/** What is in a rule that Tidemark keeps and does not use. */
export function unusedIn(document: unknown): Problem[] {
  const properties = recordAt(recordOf(document), 'properties')
  const sources = recordAt(properties, 'dataSources')
  const kinds = Object.keys(sources).filter((kind) => kind !== 'extensions')
  const notes = kinds.map((kind) => ({ where: `properties.dataSources.${kind}`, message: 'this is kept and not used' }))
  const extensions = Array.isArray(sources['extensions']) ? sources['extensions'].map(recordOf) : []
  for (const [index, extension] of extensions.entries()) {
    const where = `properties.dataSources.extensions[${index}]`
    if (extension['extensionName'] === extensionName)
      notes.push(...unusedSettings(recordAt(extension, 'extensionSettings'), `${where}.extensionSettings`))
    else notes.push({ where, message: `the extension ${String(extension['extensionName'])} is kept and not used` })
  }
  return notes
}

function unusedSettings(settings: Readonly<Record<string, unknown>>, where: string): Problem[] {
  const notes = unknownKeys(settings, new Set([...namesAt(''), ...sectionNames]), where)
  for (const { place } of ruleSections) {
    if (place === '') continue
    const section = place.split('.').reduce(recordAt, settings)
    const inner = ruleSections.flatMap((one) =>
      one.place.startsWith(`${place}.`) ? [one.place.slice(place.length + 1)] : [],
    )
    const entries = place === 'fileSettings' ? ['fileInfo'] : []
    notes.push(...unknownKeys(section, new Set([...namesAt(place), ...inner, ...entries]), `${where}.${place}`))
  }
  const entries = recordAt(settings, 'fileSettings')['fileInfo']
  const known = new Set(entrySettings.map(({ name }) => name))
  for (const [index, entry] of (Array.isArray(entries) ? entries : []).entries())
    notes.push(...unknownKeys(recordOf(entry), known, `${where}.fileSettings.fileInfo[${index}]`))
  return notes
}

function unknownKeys(record: Readonly<Record<string, unknown>>, known: ReadonlySet<string>, where: string): Problem[] {
  const unknown = Object.keys(record).filter((key) => !known.has(key))
  return unknown.map((key) => ({ where: `${where}.${key}`, message: 'this is kept and not used' }))
}

const sectionNames = [
  ...new Set(
    ruleSections.flatMap(({ place, settings }) =>
      place === '' ? settings.map(({ name }) => name) : [place.split('.')[0] ?? ''],
    ),
  ),
]

/** What the server or Azure says of a resource, or a template of its deployment; not what somebody wrote in a rule. */
const notKept: ReadonlySet<string> = new Set([
  'id',
  'name',
  'type',
  'etag',
  'systemData',
  'apiVersion',
  'dependsOn',
  'condition',
  'comments',
  'scope',
])

function namesAt(place: string): readonly string[] {
  return ruleSections.find((section) => section.place === place)?.settings.map(({ name }) => name) ?? []
}

function typeOf(resource: Readonly<Record<string, unknown>>): string {
  return String(resource['type']).toLowerCase()
}

function joined(path: readonly PropertyKey[], where: string): string {
  return path.length === 0 ? where : `${pathText(path)}.${where}`
}

function recordAt(record: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  return recordOf(record[key])
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

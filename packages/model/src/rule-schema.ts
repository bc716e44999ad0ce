import { entrySettings, type RuleSetting, ruleSections } from './rule-fields.ts'
import { FILE_ENTRIES_MAX } from './settings.ts'
import { dataTypeOfArmStream, extensionName } from './stream.ts'

/** A JSON Schema, or a part of one. */
type Schema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema (2020-12) of a rule's document, for editors: what there is, what it means, what counts unless said.
 * `parseRule` has the last word; other keys may stand anywhere.
 */
export function ruleSchema(): Schema {
  const streams = { type: 'array', items: { type: 'string' } }
  const extension = object(
    {
      name: { type: 'string', description: 'CTDataSource-Linux' },
      extensionName: { type: 'string', examples: [extensionName] },
      streams: { ...streams, minItems: 1, items: { type: 'string', examples: Object.keys(dataTypeOfArmStream) } },
      extensionSettings: settingsSchema(),
    },
    ['name', 'extensionName', 'streams'],
  )
  const destination = object(
    { name: { type: 'string' }, workspaceResourceId: { type: 'string' }, workspaceId: { type: 'string' } },
    ['name'],
  )
  const flow = object({ streams, destinations: { type: 'array', items: { type: 'string' } } }, [
    'streams',
    'destinations',
  ])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Data collection rule',
    ...object(
      {
        name: { type: 'string' },
        location: { type: 'string', default: 'local' },
        tags: { type: 'object', additionalProperties: { type: 'string' } },
        properties: object({
          description: { type: 'string' },
          dataSources: object({ extensions: { type: 'array', items: extension } }),
          destinations: object({ logAnalytics: { type: 'array', items: destination } }),
          dataFlows: { type: 'array', items: flow },
        }),
      },
      ['properties'],
    ),
  }
}

function settingsSchema(): Schema {
  const schema = { properties: new Map<string, Schema>() }
  for (const { place, settings } of ruleSections) {
    const own = Object.fromEntries(settings.map((setting) => [setting.name, settingSchema(setting)]))
    if (place === '') for (const [name, one] of Object.entries(own)) schema.properties.set(name, one)
    else if (!place.includes('.')) schema.properties.set(place, object({ ...own, ...insideOf(place) }))
  }
  return object(Object.fromEntries(schema.properties))
}

/** What stands in a section beside its settings. */
function insideOf(place: string): Readonly<Record<string, Schema>> {
  const inner = ruleSections.filter((section) => section.place.startsWith(`${place}.`))
  const sections = inner.map((section): [string, Schema] => [
    section.place.slice(place.length + 1),
    object(Object.fromEntries(section.settings.map((setting) => [setting.name, settingSchema(setting)]))),
  ])
  const fileInfo = {
    type: 'array',
    maxItems: FILE_ENTRIES_MAX,
    description: 'The paths that are tracked.',
    items: object(Object.fromEntries(entrySettings.map((setting) => [setting.name, settingSchema(setting)])), [
      'name',
      'destinationPath',
    ]),
  }
  return { ...Object.fromEntries(sections), ...(place === 'fileSettings' ? { fileInfo } : {}) }
}

function settingSchema(setting: RuleSetting): Schema {
  const { meaning: description, otherwise } = setting
  const told = { description, ...(otherwise === undefined ? {} : { default: otherwise }) }
  switch (setting.kind) {
    case 'switch':
      return { type: 'boolean', ...told }
    case 'seconds':
    case 'bytes':
    case 'number':
      return { type: 'integer', minimum: setting.min, maximum: setting.max, ...told }
    case 'choice':
      // In any letter case: an enumeration would find fault with what is taken.
      return { type: 'string', examples: setting.values, ...told }
    case 'text':
      return { type: 'string', maxLength: setting.charactersMax, ...told }
    case 'path':
      return { type: 'string', maxLength: setting.charactersMax, pattern: '^/', ...told }
    case 'patterns':
    case 'folders': {
      const list = { type: 'array', items: { type: 'string' }, maxItems: setting.itemsMax }
      return setting.kind === 'folders' ? { ...list, ...told } : { anyOf: [{ type: 'string' }, list], ...told }
    }
  }
}

function object(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) }
}

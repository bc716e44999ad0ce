// Goal: whatever people have of Azure becomes a rule, nothing of it is lost, and what is not used is said.
// Method: documents of the kinds that Azure's portal, its command line and its templates write; random ones against crashes.
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type ImportedRule, readRuleImport, type RuleImport, ruleAround, unusedIn } from './rule-import.ts'
import { parseExpression } from './template/parse-expression.ts'

const settings = {
  enableSoftware: false,
  fileSettings: { fileInfo: [{ name: 'a', destinationPath: '/a', 'x-own': 1 }] },
}
const exported = {
  id: '/subscriptions/1/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/ct',
  name: 'ct',
  type: 'Microsoft.Insights/dataCollectionRules',
  kind: 'Linux',
  location: 'westeurope',
  etag: '"x"',
  tags: { team: 'a' },
  properties: {
    ...(ruleAround(settings)['properties'] as object),
    immutableId: 'dcr-0',
    dataCollectionEndpointId: '/subscriptions/1/x',
  },
}

function read(document: unknown, parameters: Record<string, unknown> = {}): RuleImport {
  const parsed = readRuleImport(document, { name: 'file', parameters })
  if (parsed.kind === 'rejected') throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}
const names = ({ rules }: { readonly rules: readonly ImportedRule[] }): string[] => rules.map(({ name }) => name)

test('a rule as exported from Azure comes with all that it says', () => {
  const { rules, notes } = read(exported)
  expect(rules[0]).toMatchObject({
    name: 'ct',
    problems: [],
    document: {
      kind: 'Linux',
      tags: { team: 'a' },
      properties: { dataCollectionEndpointId: '/subscriptions/1/x' },
    },
  })
  expect(rules[0]?.document).not.toHaveProperty('etag')
  expect(notes).toEqual([
    {
      where: 'properties.dataSources.extensions[0].extensionSettings.fileSettings.fileInfo[0].x-own',
      message: 'this is kept and not used',
    },
  ])
})

test('several in an array, or in the pages of a list, are several rules', () => {
  expect(names(read([exported, { ...exported, name: 'two' }]))).toEqual(['ct', 'two'])
  expect(names(read({ value: [exported] }))).toEqual(['ct'])
})

test('only extensionSettings become a rule with the name of the file', () => {
  expect(read(settings).rules).toEqual([{ name: 'file', document: ruleAround(settings), problems: [] }])
})

const template = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  parameters: {
    ruleName: { type: 'string', defaultValue: "[concat('ct-', variables('stage'))]" },
    seconds: { type: 'int', defaultValue: 600 },
    workspaceResourceId: { type: 'string' },
    files: { type: 'array', defaultValue: [{ name: '[[literal]', destinationPath: '/etc/[a-z]*' }] },
  },
  variables: { stage: "[toLower('PROD')]", streams: ['Microsoft-ConfigurationChangeV2'] },
  resources: [
    { type: 'Microsoft.OperationalInsights/workspaces', name: 'w' },
    {
      type: 'microsoft.insights/DataCollectionRules',
      apiVersion: '2022-06-01',
      name: "[parameters('RULENAME')]",
      location: '[resourceGroup().location]',
      properties: {
        dataSources: {
          extensions: [
            {
              name: 'CTDataSource-Linux',
              extensionName: 'ChangeTracking-Linux',
              streams: "[variables('streams')]",
              extensionSettings: {
                fileSettings: {
                  fileCollectionFrequency: "[parameters('seconds')]",
                  fileInfo: "[parameters('files')]",
                },
              },
            },
          ],
          syslog: [],
        },
        destinations: {
          logAnalytics: [{ name: 'd', workspaceResourceId: "[parameters('workspaceResourceId')]" }],
        },
        dataFlows: [{ streams: "[variables('streams')]", destinations: ['d'] }],
      },
    },
  ],
}

test('a template is resolved by its default values, and what has none is said with its place', () => {
  const { rules, notes } = read(template)
  const [rule] = rules
  expect(rule).toMatchObject({
    name: 'ct-prod',
    problems: [],
    document: {
      location: 'local',
      properties: {
        dataSources: {
          extensions: [
            {
              streams: ['Microsoft-ConfigurationChangeV2'],
              extensionSettings: {
                fileSettings: {
                  fileCollectionFrequency: 600,
                  fileInfo: [{ name: '[literal]', destinationPath: '/etc/[a-z]*' }],
                },
              },
            },
          ],
        },
        destinations: { logAnalytics: [{ workspaceResourceId: "[parameters('workspaceResourceId')]" }] },
      },
    },
  })
  const at = 'resources[1].properties'
  expect(notes.map(({ where, message }) => `${where}: ${message}`)).toEqual([
    'resources[0]: a resource of the type Microsoft.OperationalInsights/workspaces is no rule: it is left out',
    `${at}.dataSources.syslog: this is kept and not used`,
    `${at}.destinations.logAnalytics[0].workspaceResourceId: the parameter workspaceResourceId has no default value, and no value was given`,
  ])
})

test('values that are given count before default values', () => {
  const { rules, notes } = read(template, { ruleName: 'mine', workspaceResourceId: '/w', seconds: 5 })
  expect(rules[0]).toMatchObject({ name: 'mine' })
  expect(notes.map(({ where }) => where).join()).not.toContain('workspaceResourceId')
})

test('rules are found by symbolic names, and in templates inside of templates', () => {
  const inner = { type: 'Microsoft.Resources/deployments', name: 'd', properties: { template } }
  expect(names(read({ resources: { nested: inner } }))).toEqual(['ct-prod'])
})

test.each([
  ["concat('a', 'it''s')", "ait's"],
  ["format('{0}-{1}', 'a', 2)", 'a-2'],
  ["if(equals(parameters('n'), 1), 'one', 'other')", 'one'],
  ["parameters('o').list[1]['k']", 'deep'],
  ["last(split('a/b', '/'))", 'b'],
  ["resourceId('Microsoft.X/a/b', 'one', 'two')", expect.stringContaining('/providers/Microsoft.X/a/one/b/two')],
  ["reference('x').id", "[reference('x').id]"],
  ["concat('a'", "[concat('a']"],
])('the expression [%s]', (text, value) => {
  const document = {
    parameters: { n: { defaultValue: 1 }, o: { defaultValue: { list: [0, { k: 'deep' }] } } },
    resources: [
      { type: 'Microsoft.Insights/dataCollectionRules', name: 'r', properties: { description: `[${text}]` } },
    ],
  }
  expect(read(document).rules[0]?.document).toMatchObject({ properties: { description: value } })
})

test('variables that stand for one another, or grow without end, end', () => {
  const grown = Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [
      `v${n}`,
      n === 0 ? 'x' : [`[variables('v${n - 1}')]`, `[variables('v${n - 1}')]`],
    ]),
  )
  const document = (variables: unknown, used: string) => ({
    variables,
    resources: [{ type: 'Microsoft.Insights/dataCollectionRules', name: 'r', properties: { description: used } }],
  })
  expect(read(document({ a: "[variables('b')]", b: "[variables('a')]" }, "[variables('a')]")).notes).not.toEqual([])
  expect(
    read(document(grown, "[variables('v39')]"))
      .notes.map(({ message }) => message)
      .join(),
  ).toContain('too large')
})

test('a rule with mistakes is told with their places', () => {
  const { rules } = read({ properties: { dataFlows: [{ streams: ['s'], destinations: ['nowhere'] }] } })
  expect(rules[0]?.problems).toEqual([
    { where: 'properties.dataFlows[0].destinations[0]', message: 'no destination is named "nowhere"' },
  ])
})

test('a file without a rule is refused, and says what is in it', () => {
  expect(readRuleImport({ resources: [{ type: 'A/b' }] }, { name: 'f' })).toMatchObject({
    kind: 'rejected',
    problems: [{ where: 'resources[0]' }, { where: '' }],
  })
  expect(readRuleImport('text', { name: 'f' }).kind).toBe('rejected')
})

test('no document and no expression makes it fail', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('resources', 'properties', 'value', 'fileSettings'), (value, key) => {
      readRuleImport(value, { name: 'f' })
      readRuleImport({ [key]: value }, { name: 'f' })
      readRuleImport(
        { resources: [{ type: 'Microsoft.Insights/dataCollectionRules', properties: value }] },
        { name: 'f' },
      )
      unusedIn(value)
    }),
  )
  const text = fc.array(fc.constantFrom("'", 'a', '(', ')', '[', ']', '.', ',', '1', ' ', 'parameters', "''"), {
    maxLength: 40,
  })
  fc.assert(fc.property(text, (parts) => void parseExpression(parts.join(''))))
  parseExpression('a('.repeat(5_000))
})

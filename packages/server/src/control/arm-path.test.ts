import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseArmPath } from './arm-path.ts'

const machine = '/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m'

test.each([
  { path: '/subscriptions/s/providers/Microsoft.Insights/dataCollectionRules', kind: 'list' },
  { path: '/SUBSCRIPTIONS/s/resourcegroups/g/providers/microsoft.insights/datacollectionrules/n', kind: 'one' },
  {
    path: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/n/associations',
    kind: 'associations-with',
  },
  { path: '/subscriptions/s/providers/Microsoft.Insights/dataCollectionEndpoints', kind: 'list' },
  { path: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionEndpoints/n', kind: 'one' },
  { path: '/subscriptions/s/providers/Microsoft.Insights/dataCollectionEndpoints/n', kind: undefined },
  { path: `${machine}/providers/Microsoft.Insights/dataCollectionRuleAssociations`, kind: 'associations' },
  { path: `/${machine}/providers//Microsoft.Insights/dataCollectionRuleAssociations/a`, kind: 'association' },
  { path: `/locations/eu${machine}/agentConfigurations`, kind: 'configurations' },
  { path: `${machine}/agentConfigurations/dcr-1/channels/ods-1/issueIngestionToken`, kind: 'ingestion-token' },
  { path: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/n/x/y', kind: undefined },
  { path: '/api/machines', kind: undefined },
  { path: '/subscriptions/%E0%A4%A', kind: undefined },
])('$path', ({ path, kind }) => {
  expect(parseArmPath(path)?.kind).toBe(kind)
})

test('no path makes it throw', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'subscriptions',
      'agentConfigurations',
      'providers',
      '%',
      'Microsoft.Insights',
      'dataCollectionRules',
    ),
  )
  fc.assert(fc.property(fc.array(part), (parts) => void parseArmPath(parts.join('/'))))
})

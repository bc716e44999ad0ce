import type { ServerSettings } from '../settings.ts'

/** The name of the rule that the first start creates, as Azure names its own. */
export const DEFAULT_RULE_NAME = 'Microsoft-CT-DCR'

/** Azure's default rule for Linux, with the frequencies that the settings ask for. */
export function defaultRule(frequencies: ServerSettings['defaultRule']): Record<string, unknown> {
  const streams = ['Microsoft-ConfigurationChange', 'Microsoft-ConfigurationChangeV2', 'Microsoft-ConfigurationData']
  const extensionSettings = {
    enableFiles: true,
    enableSoftware: true,
    enableRegistry: false,
    enableServices: true,
    enableInventory: true,
    fileSettings: { fileCollectionFrequency: frequencies?.fileSeconds ?? 900, fileInfo: [defaultFiles] },
    softwareSettings: { softwareCollectionFrequency: frequencies?.softwareSeconds ?? 300 },
    inventorySettings: { inventoryCollectionFrequency: frequencies?.inventorySeconds ?? 36_000 },
    servicesSettings: { serviceCollectionFrequency: frequencies?.serviceSeconds ?? 300 },
  }
  return {
    location: 'local',
    properties: {
      description: 'Data collection rule for CT.',
      dataSources: {
        extensions: [{ streams, extensionName: 'ChangeTracking-Linux', extensionSettings, name: 'CTDataSource-Linux' }],
      },
      destinations: { logAnalytics: [{ name: 'Microsoft-CT-Dest' }] },
      dataFlows: [{ streams, destinations: ['Microsoft-CT-Dest'] }],
    },
  }
}

const defaultFiles = {
  name: 'ChangeTrackingLinuxPath_default',
  enabled: true,
  destinationPath: '/etc/.*.conf',
  useSudo: true,
  recurse: true,
  maxContentsReturnable: 5_000_000,
  pathType: 'File',
  type: 'File',
  links: 'Follow',
  maxOutputSize: 500_000,
  groupTag: 'Recommended',
}

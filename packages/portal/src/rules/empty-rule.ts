import { ruleAround } from '@tidemark/model'

/** What a new rule begins with: everything but files is tracked as Azure's default rule does, and no entry yet. */
export function emptyRule(): Readonly<Record<string, unknown>> {
  return ruleAround({
    enableFiles: true,
    enableSoftware: true,
    enableServices: true,
    enableInventory: true,
    fileSettings: { fileCollectionFrequency: 900, fileInfo: [] },
    softwareSettings: { softwareCollectionFrequency: 300 },
    servicesSettings: { serviceCollectionFrequency: 300 },
    inventorySettings: { inventoryCollectionFrequency: 36_000 },
  })
}

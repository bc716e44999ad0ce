import type { Item } from '../../collector.ts'
import { countOf, softwareItem } from '../item.ts'
import type { Stanza } from './stanza.ts'

/** Packages as items, and the keys of those in the middle of something. */
export interface DpkgItems {
  readonly items: ReadonlyMap<string, Item>
  readonly unsettled: ReadonlySet<string>
}

/**
 * What stanzas mean. A package that left only its configuration (`config-files`, dpkg(1)) is not installed. One between two
 * states is unsettled while dpkg is at work; else that is how it is: a failed maintainer script, an interrupted dpkg.
 */
export function dpkgItems(stanzas: ReadonlyMap<string, Stanza>, dpkg: { readonly isAtWork: boolean }): DpkgItems {
  const items = new Map<string, Item>()
  const unsettled = new Set<string>()
  for (const [key, stanza] of stanzas) {
    const state = stanza.status?.state
    if (state === undefined || state === 'not-installed' || state === 'config-files') continue
    if (state !== 'installed' && dpkg.isAtWork) unsettled.add(key)
    else items.set(key, itemOf(stanza))
  }
  return { items, unsettled }
}

function itemOf({ name, architecture, version, status, maintainer, installedKib, description }: Stanza): Item {
  const kib = countOf(installedKib)
  return softwareItem('dpkg', {
    name,
    description,
    publisher: maintainer,
    version,
    architecture,
    status: status === undefined ? '' : `${status.wanted} ${status.flag} ${status.state}`,
    // Installed-Size counts KiB (deb-control(5)).
    sizeBytes: kib === undefined ? undefined : kib * 1_024,
  })
}
